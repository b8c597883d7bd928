"""Forms of the call screen and of decisions on callbacks."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from clients.models import Client, ContactPerson
from clients.normalisation import normal_phone
from clients.relations.services import contacts_of
from crm import trading_days
from crm.forms import CrispyFormMixin, TelInput, offer
from visits.models import (
    AttractionStyle,
    Channel,
    NextStep,
    Outcome,
    Purpose,
    QuestionStyle,
    ScriptStep,
    ScriptVersion,
    Visit,
)

DETAILS = (
    "notes",
    "suggestions",
    "channel",
    "attraction_style",
    "occurred_at",
)
STYLED = (forms.Select, forms.Textarea, forms.DateInput, forms.DateTimeInput)
RATINGS = [(str(n), str(n)) for n in range(1, 6)]


class LongText(forms.CharField):
    """Text whose excess is refused with a sentence; the browser must not cut it off silently."""

    def __init__(self, longest: int, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 2})
        super().__init__(required=False, widget=widget, **kwargs)
        self.longest = longest

    def validate(self, value: Any) -> None:
        """Says by how much it is too long."""
        super().validate(value)
        if len(value) > self.longest:
            text = _("%(field)s: %(n)s characters, at most %(most)s fit. Shorten it; all is kept.")
            words = {"field": self.label, "n": len(value), "most": self.longest}
            raise forms.ValidationError(text % words)


class AmountField(forms.DecimalField):
    """CNY; commas, spaces, full-width digits and 万 are understood."""

    def to_python(self, value: Any) -> Any:
        """``5万`` and ``50,000`` are 50000."""
        if not isinstance(value, str):
            return super().to_python(value)
        text = unicodedata.normalize("NFKC", value).strip().rstrip("元")
        text = re.sub(r"[,\s¥]", "", text)
        factor = 10_000 if text.endswith("万") else 1
        number = super().to_python(text.removesuffix("万"))
        return number * factor if number is not None else None


_OUTCOMES = "SELECT * FROM visits_outcome WHERE is_active OR id = %s ORDER BY position, id"


class OutcomeField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Finds what was chosen among the rows that its form offers, read at once."""

    offered: Callable[[], Iterable[Outcome]]

    def to_python(self, value: Any) -> Outcome | None:
        """The outcome of a key. Raises ValidationError for one that is not offered."""
        if value in self.empty_values:
            return None
        for outcome in self.offered():
            if str(outcome.pk) == str(value):
                return outcome
        raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")


def answer_field(step: ScriptStep) -> forms.Field:
    """The form field for the answer to ``step``."""
    kinds = ScriptStep.Answer
    if step.answer == kinds.AMOUNT:
        return AmountField(
            label=step.title,
            required=False,
            min_value=0,
            max_digits=16,
            decimal_places=2,
            error_messages={"invalid": _("Enter an amount in CNY, such as 50000 or 5万.")},
        )
    if step.answer in {kinds.CHOICE, kinds.SCALE}:
        options = RATINGS if step.answer == kinds.SCALE else step.options
        wrong = {"invalid_choice": _("Choose one of the answers that the script offers.")}
        return forms.ChoiceField(
            choices=[("", ""), *options], label=step.title, required=False, error_messages=wrong
        )
    return LongText(1000, label=step.title)


def clean_occurred_at(at: datetime | None) -> datetime | None:
    """The time of a contact: not in the future, and not before 1990. Raises ValidationError."""
    if at is not None and at > timezone.now() + timedelta(minutes=5):
        raise forms.ValidationError(_("The contact lies in the future: check the time."))
    if at is not None and at.year < 1990:
        raise forms.ValidationError(_("Check the year."))
    return at


class VisitForm(forms.Form):
    """The form of a contact. ``steps``: the prompts shown beside it, each with an answer field.

    The next step left empty is what the outcome proposes.
    """

    token = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    outcome = OutcomeField(
        Outcome.objects.none(),
        label=_("Outcome"),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": _("Choose how the contact ended."),
            "invalid_choice": _("Choose how the contact ended."),
        },
    )
    satisfaction_service = forms.TypedChoiceField(
        choices=RATINGS,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        label=_("Satisfaction with service"),
    )
    satisfaction_information = forms.TypedChoiceField(
        choices=RATINGS,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        label=_("Satisfaction with information"),
    )
    right_number = forms.CharField(
        required=False,
        max_length=30,
        label=_("The right number"),
        help_text=_("Empty: the number is no longer dialled, and Today asks for another."),
        widget=TelInput(attrs={"autocomplete": "off"}),
    )
    next_step = forms.ChoiceField(choices=NextStep.choices, required=False, label=_("Next step"))
    next_step_on = forms.DateField(
        required=False,
        label=_("On"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    purpose = forms.ChoiceField(
        choices=[("", "—"), *Purpose.choices], required=False, label=_("Purpose")
    )
    channel = forms.ChoiceField(choices=Channel.choices, label=_("Channel"))
    occurred_at = forms.DateTimeField(
        required=False,
        label=_("Time"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Empty: now."),
    )
    contact_person = forms.ModelChoiceField(
        ContactPerson.objects.none(),
        required=False,
        label=_("Speak with"),
        error_messages={
            "invalid_choice": _("This person is no longer in the file: choose whom you spoke with.")
        },
    )
    # Where in the script one is; kept with the draft alone.
    at_step = forms.IntegerField(widget=forms.HiddenInput, required=False)
    attraction_style = forms.ChoiceField(
        choices=[("", "—"), *AttractionStyle.choices], required=False, label=_("Attraction style")
    )
    question_styles = forms.MultipleChoiceField(
        choices=QuestionStyle.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Question styles"),
    )
    suggestions = LongText(2000, label=_("Suggestions of the client"))
    notes = LongText(4000, label=_("Notes"))

    def __init__(
        self,
        *args: Any,
        steps: list[ScriptStep],
        kept: Any = None,
        client: Client | None = None,
        kept_person: Any = None,
        **kwargs: Any,
    ):
        """``kept``, ``kept_person``: keys of an inactive outcome, and of a contact person who is no
        longer in the file of ``client``, that remain selectable."""
        super().__init__(*args, **kwargs)
        self.steps = steps
        if client is not None and self.is_bound and self.data.get("contact_person"):
            offer(self.fields["contact_person"], contacts_of(client, kept_person))
        may: QuerySet[Outcome] = Outcome.objects.filter(Q(is_active=True) | Q(pk=kept))
        outcome = cast(OutcomeField, offer(self.fields["outcome"], may))
        outcome.offered = lambda: self.outcomes
        self.kept = kept
        for field in self.fields.values():
            if isinstance(field.widget, STYLED):
                kind = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
                field.widget.attrs["class"] = kind
        for step in steps:
            if step.answer != ScriptStep.Answer.NONE:
                self.fields[f"answer_{step.pk}"] = answer_field(step)

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """Those to choose from, as they are drawn with their proposals."""
        return list(Outcome.objects.raw(_OUTCOMES, [self.kept]))

    @property
    def prompts(self) -> list[tuple[ScriptStep, str]]:
        """Each step with its answer field."""
        return [
            (step, self[f"answer_{step.pk}"].value() or "")
            if step.answer != ScriptStep.Answer.NONE
            else (step, "")
            for step in self.steps
        ]

    @property
    def ratings(self) -> list[forms.BoundField]:
        """The two satisfactions."""
        return [self["satisfaction_service"], self["satisfaction_information"]]

    @property
    def details(self) -> list[forms.BoundField]:
        """The optional fields, without the note, which stands first."""
        return [self[name] for name in DETAILS if name != "notes"]

    @property
    def details_open(self) -> bool:
        """Whether an optional field has a value or an error."""
        said = ("suggestions", "attraction_style", "question_styles")
        return any(self[name].errors for name in DETAILS) or any(
            self[name].value() for name in said
        )

    def clean_next_step_on(self) -> date | None:
        """Refuse a date beyond the next years; the service checks the day itself."""
        day: date | None = self.cleaned_data["next_step_on"]
        if day is not None and day.year > trading_days.today().year + 2:
            raise forms.ValidationError(_("Choose a date within a year."))
        return day

    def clean_occurred_at(self) -> datetime | None:
        """Not in the future, and not before there were telephones to call."""
        return clean_occurred_at(self.cleaned_data["occurred_at"])

    def clean_right_number(self) -> str:
        """The number in its normal form; it counts where the dialled one was wrong."""
        outcome, text = self.cleaned_data.get("outcome"), self.cleaned_data["right_number"]
        is_asked = outcome is not None and outcome.key == Outcome.WRONG_NUMBER
        return normal_phone(text) if text.strip() and is_asked else ""

    def clean(self) -> dict[str, Any]:
        """A date needs a step; a step to be done needs a date, unless the outcome proposes it."""
        data = super().clean() or {}
        step, day = data.get("next_step"), data.get("next_step_on")
        if day and step == NextStep.NONE:
            self.add_error("next_step", _("Say what is to be done on that day, or clear it."))
        if day and not step and "next_step" not in self.errors:
            data["next_step"] = NextStep.CALL_AGAIN
        if day or "next_step_on" in self.errors or not data.get("outcome"):
            return data
        if step and step == data["outcome"].next_step:
            data["next_step"] = ""  # as the outcome proposes, with its date
        elif step in {NextStep.CALL_AGAIN, NextStep.MEET}:
            self.add_error("next_step_on", _("Choose the date of the next step."))
        return data

    def content(self, version: ScriptVersion | None) -> dict[str, Any]:
        """Arguments for ``log_visit``, without client, callback and employee."""
        data = {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in {"version", "at_step"} and not name.startswith("answer_")
        }
        given = self.given()
        answers = [
            {"step": step.title_zh, "prompt": step.said, "answer": given[step.position]}
            for step in self.steps
            if step.position in given
        ]
        asked = {step.style for step in self.steps if step.style and step.position in given}
        styles = [style for style in QuestionStyle.values if style in asked]
        if styles:
            ticked = data.get("question_styles") or []
            data["question_styles"] = [*ticked, *(s for s in styles if s not in ticked)]
        return {**data, "answers": answers, "script_version": version if answers else None}

    def given(self) -> dict[int, str]:
        """Answers by the number of their step.

        What is posted counts: the page disables the steps that do not apply, and without
        JavaScript all of them are shown.
        """
        answers: dict[int, str] = {}
        for step in self.steps:
            value = self.cleaned_data.get(f"answer_{step.pk}")
            if value not in (None, ""):
                answers[step.position] = f"{value:f}" if isinstance(value, Decimal) else str(value)
        return answers


def initial_of(visit: Visit, steps: list[ScriptStep]) -> dict[str, Any]:
    """An entry as the form shows it, to be corrected."""
    names = (
        "outcome",
        "satisfaction_service",
        "satisfaction_information",
        "next_step",
        "next_step_on",
        "purpose",
        "channel",
        "contact_person",
        "attraction_style",
        "question_styles",
        "suggestions",
        "notes",
        "occurred_at",
    )
    given = {answer["step"]: answer["answer"] for answer in visit.answers}
    answers = {f"answer_{step.pk}": given.get(step.title_zh, "") for step in steps}
    return {"token": uuid.uuid4(), **{name: getattr(visit, name) for name in names}, **answers}


class CancelForm(CrispyFormMixin, forms.Form):
    """Cancel a callback."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
    submit_label = _("Cancel the callback")


class PlanCallbackForm(CrispyFormMixin, forms.Form):
    """Plan a callback by hand."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    due_on = forms.DateField(label=_("Date"))
    reason = forms.CharField(label=_("Reason"), max_length=200)
    submit_label = _("Plan a callback")
