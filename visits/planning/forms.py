"""The form of an occasion."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import trading_days
from crm.forms import CrispyFormMixin
from visits.models import (
    Occasion,
)


class OccasionForm(CrispyFormMixin, forms.Form):
    """Something that happened to a client and is a reason to call."""

    source_key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        choices=Occasion.Kind.choices, label=pgettext_lazy("occasion", "What happened")
    )
    happened_on = forms.DateField(label=_("Happened on"), initial=trading_days.today)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    submit_label = _("Note it")
