"""Forms of return visits and exception cases."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

_WORDS = {"required": _("Say why.")}


class WordsForm(forms.Form):
    """A reason or a note."""

    words = forms.CharField(
        label=_("Words"),
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
        error_messages=_WORDS,
    )
