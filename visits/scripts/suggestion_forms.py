"""The form that replies to a suggestion."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from visits.models import SuggestionReply

LONGEST_WORDS = 2000


class SuggestionForm(forms.Form):
    """The reply to the client, or the result of the suggestion."""

    state = forms.ChoiceField(
        choices=SuggestionReply.State.choices,
        widget=forms.RadioSelect,
        initial=SuggestionReply.State.ANSWERED,
        label=_("What happened"),
        error_messages={"required": _("Choose whether it was answered or is closed.")},
    )
    words = forms.CharField(
        label=_("In words"),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
        help_text=_("What the client was told, or what the firm did about it."),
        error_messages={
            "required": _("Say what the client was told, or what came of it."),
            "max_length": _("Say it in at most 2,000 characters."),
        },
    )
