"""Forms of opportunities."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms import CrispyFormMixin, CrispyModelForm, Grid
from crm.trading_days import today
from pipeline.models import LostReason, Opportunity, Stage


class OpportunityForm(CrispyModelForm[Opportunity]):
    """What is expected of an opportunity and what is done next."""

    class Meta:
        model = Opportunity
        fields = ["amount", "expected_on", "next_step", "next_step_on"]

    def layout(self) -> Layout:
        return Layout(Grid("amount", "expected_on"), Grid("next_step", "next_step_on"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("next_step_on") and not data.get("next_step"):
            self.add_error("next_step", _("Say what is to be done on that day."))
        return data


class EditForm(OpportunityForm):
    """The same for a row that exists; ``version`` tells whether someone was faster."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def layout(self) -> Layout:
        return Layout(super().layout(), "version")


class MoveForm(CrispyFormMixin, forms.Form):
    """Where an opportunity goes: a reason when it is lost, a date when the account is opened."""

    submit_label = _("Move")

    stage = forms.ModelChoiceField(
        Stage.objects.none(), to_field_name="key", label=_("Stage"), empty_label=None
    )
    opened_on = forms.DateField(
        label=_("Account opened on"),
        required=False,
        help_text=_("Empty: today. The prospect becomes a client and is called back."),
    )
    lost_reason = forms.ModelChoiceField(
        LostReason.objects.none(), label=_("Why it was lost"), required=False
    )
    lost_note = forms.CharField(label=_("Note"), max_length=200, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: str = "", **kwargs: Any) -> None:
        """``kind`` of the stage asked for: only its own questions are shown; '' asks all."""
        super().__init__(*args, **kwargs)
        self.fields["stage"].queryset = Stage.objects.filter(is_active=True)  # type: ignore[attr-defined]
        reasons = LostReason.objects.filter(is_active=True)
        self.fields["lost_reason"].queryset = reasons  # type: ignore[attr-defined]
        self.fields["opened_on"].widget.attrs["max"] = today().isoformat()
        if kind and kind != Stage.Kind.LOST:
            del self.fields["lost_reason"], self.fields["lost_note"]
        elif kind:
            self.fields["lost_reason"].required = True
        if kind and kind != Stage.Kind.WON:
            del self.fields["opened_on"]
