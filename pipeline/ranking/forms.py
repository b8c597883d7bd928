"""Forms of the ranking: an override with its reason, weights of a branch."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms import CrispyFormMixin, Grid
from crm.trading_days import today
from pipeline.models import RankingOverride


class OverrideForm(CrispyFormMixin, forms.Form):
    """Where to, until when, and why."""

    submit_label = _("Set")

    direction = forms.TypedChoiceField(
        choices=RankingOverride.Direction.choices, coerce=int, label=_("Where to")
    )
    until = forms.DateField(label=_("In force until"))
    reason = forms.CharField(max_length=200, label=_("Reason"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = today() + timedelta(days=7)

    def layout(self) -> Layout:
        """The two choices side by side."""
        return Layout(Grid("direction", "until"), "reason")


class WeightsForm(CrispyFormMixin, forms.Form):
    """How much each factor counts: 0 not at all, 1 as it is, more for more."""

    submit_label = _("Put in force")

    capital = forms.DecimalField(
        min_value=0, max_value=3, max_digits=3, decimal_places=2, label=_("Potential capital")
    )
    probability = forms.DecimalField(
        min_value=0, max_value=3, max_digits=3, decimal_places=2, label=_("Probability")
    )
    timing = forms.DecimalField(
        min_value=0, max_value=3, max_digits=3, decimal_places=2, label=_("Timing")
    )
    reason = forms.CharField(max_length=200, label=_("Reason"))

    def layout(self) -> Layout:
        """The weights in a row, the reason beneath."""
        return Layout(Grid("capital", "probability", "timing"), "reason")
