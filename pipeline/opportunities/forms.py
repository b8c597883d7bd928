"""Forms of opportunities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext_lazy as _

from crm.forms import CrispyFormMixin, CrispyModelForm, Grid, offer
from crm.trading_days import today
from pipeline.models import Competitor, LostReason, Opportunity, OpportunityKind, Stage
from pipeline.models.assessment import QUESTIONS, Question

AMOUNTS = {
    OpportunityKind.SALE: _("Amount of the sale (CNY)"),
    OpportunityKind.REFERRAL: _("Assets of the person referred (CNY)"),
}
WON_ON = {
    OpportunityKind.ACCOUNT_OPENING: _("Account opened on"),
    OpportunityKind.CUSTODY_TRANSFER: _("Transferred on"),
    OpportunityKind.SALE: _("Bought on"),
    OpportunityKind.REACTIVATION: _("Active again since"),
    OpportunityKind.REFERRAL: _("Referred on"),
}
FOLLOWS = {
    OpportunityKind.ACCOUNT_OPENING: _(
        "Empty: today. The prospect becomes a client and is called back."
    ),
    OpportunityKind.CUSTODY_TRANSFER: _("Empty: today. A call to ask how it went is planned."),
    OpportunityKind.SALE: _("Empty: today. A call about the product is planned."),
    OpportunityKind.REACTIVATION: _("Empty: today. A call on the next trading day is planned."),
    OpportunityKind.REFERRAL: _("Empty: today. A call to say thank you is planned."),
}


def refuse(form: forms.BaseForm, refused: ValidationError) -> None:
    """Add errors of a service to the fields of the form, or above it for unknown fields."""
    for name, errors in getattr(refused, "error_dict", {NON_FIELD_ERRORS: refused}).items():
        form.add_error(name if name in form.fields else None, errors)


class OpportunityForm(CrispyModelForm[Opportunity]):
    """Expected amount and date of an opportunity, and its next step."""

    class Meta:
        model = Opportunity
        fields = ["amount", "expected_on", "next_step", "next_step_on", "competitor"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].widget.attrs["min"] = "0"
        competitors = Competitor.objects.filter(is_active=True)
        offer(self.fields["competitor"], competitors)
        if self.instance.kind in AMOUNTS:
            self.fields["amount"].label = AMOUNTS[OpportunityKind(self.instance.kind)]

    def layout(self) -> Layout:
        return Layout(
            Grid("amount", "expected_on"), Grid("next_step", "next_step_on"), "competitor"
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("next_step_on") and not data.get("next_step"):
            self.add_error("next_step", _("Say what is to be done on that day."))
        return data


class StartForm(OpportunityForm):
    """A new one; only the kinds that may start now are offered."""

    kind = forms.ChoiceField(label=_("Kind"), choices=OpportunityKind.choices, required=False)

    def __init__(self, *args: Any, kinds: Iterable[OpportunityKind], **kwargs: Any) -> None:
        """``kinds`` that are offered; the service refuses others with its own sentence."""
        super().__init__(*args, **kwargs)
        self.kinds = list(kinds)
        offered = [(kind.value, kind.label) for kind in self.kinds]
        self.fields["kind"].widget.choices = offered

    def layout(self) -> Layout:
        return Layout("kind", super().layout())

    def clean_kind(self) -> str:
        """For a prospect the account opening goes without saying."""
        chosen = self.cleaned_data["kind"]
        if not chosen and OpportunityKind.ACCOUNT_OPENING in self.kinds:
            return OpportunityKind.ACCOUNT_OPENING
        if not chosen:
            raise ValidationError(_("Choose the kind of opportunity."))
        return str(chosen)


class EditForm(OpportunityForm):
    """The same for an existing row; ``version`` detects concurrent edits."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def layout(self) -> Layout:
        return Layout(super().layout(), "version")


class MoveForm(CrispyFormMixin, forms.Form):
    """A move: reason and competitor of a loss, date of a win."""

    submit_label = _("Move")

    stage = forms.ModelChoiceField(
        Stage.objects.none(),
        to_field_name="key",
        label=_("Stage"),
        empty_label=None,
        error_messages={"invalid_choice": _("Choose a stage of this kind of opportunity.")},
    )
    opened_on = forms.DateField(required=False)
    lost_reason = forms.ModelChoiceField(
        LostReason.objects.none(), label=_("Why it was lost"), required=False
    )
    competitor = forms.ModelChoiceField(
        Competitor.objects.none(),
        label=_("Lost to"),
        required=False,
        empty_label=_("Nobody, as far as we know"),
    )
    lost_note = forms.CharField(label=_("Note"), max_length=200, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        kind: str = "",
        of: str = OpportunityKind.ACCOUNT_OPENING,
        **kwargs: Any,
    ) -> None:
        """``of``: the kind of the opportunity.

        ``kind`` of the stage asked for: only its own questions are shown; '' asks all.
        """
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = dict(self.fields)
        fields["stage"].queryset = Stage.objects.of(of)
        reasons = LostReason.objects.filter(is_active=True, opportunity_kind__in=["", of])
        fields["lost_reason"].queryset = reasons
        fields["competitor"].queryset = Competitor.objects.filter(is_active=True)
        fields["opened_on"].widget.attrs["max"] = today().isoformat()
        fields["opened_on"].label = WON_ON[OpportunityKind(of)]
        fields["opened_on"].help_text = FOLLOWS[OpportunityKind(of)]
        if kind and kind != Stage.Kind.LOST:
            del self.fields["lost_reason"], self.fields["lost_note"], self.fields["competitor"]
        elif kind:
            self.fields["lost_reason"].required = True
        if kind and kind != Stage.Kind.WON:
            del self.fields["opened_on"]


class AssessmentForm(CrispyFormMixin, forms.Form):
    """The questions of one assessment, as ``QUESTIONS`` lists them."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    # The move that asked for it and goes on by itself: key of the stage, the version of the
    # opportunity that was seen, and where the move came from.
    stage = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    back = forms.CharField(widget=forms.HiddenInput, required=False, max_length=500)

    def __init__(self, *args: Any, which: str, **kwargs: Any) -> None:
        self.questions = QUESTIONS[which]
        super().__init__(*args, **kwargs)
        for question in self.questions:
            self.fields[question.key] = _field(question)

    def layout(self) -> Layout:
        short = [question.key for question in self.questions if question.is_short]
        long = [question.key for question in self.questions if not question.is_short]
        return Layout(Grid(*short), *long, "version", "stage", "seen", "back")

    @property
    def answers(self) -> dict[str, Any]:
        """The answers as the service takes them."""
        return {question.key: self.cleaned_data[question.key] for question in self.questions}


def _field(question: Question) -> forms.Field:
    field: forms.Field
    label: Any = question.label
    if question.choices is not None:
        choices = [("", "—"), *question.choices.choices]
        field = forms.ChoiceField(label=label, choices=choices)
    elif question.is_amount:
        field = forms.DecimalField(label=label, min_value=0, max_digits=16, decimal_places=2)
    else:
        area = forms.Textarea(attrs={"rows": "2"})
        field = forms.CharField(label=label, max_length=question.longest, widget=area)
    field.required = question.required
    return field
