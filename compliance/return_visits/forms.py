"""Forms of return visits: record, review, assign, plan manually."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from compliance.cases.forms import _WORDS
from compliance.visitors.services import candidates
from crm.forms import CrispyFormMixin, offer
from crm.trading_days import today
from staff.models import Employee
from visits.contacts.forms import LongText, answer_field, clean_occurred_at
from visits.models import Channel, NextStep, Outcome, ScriptStep, ScriptVersion


class ReturnVisitForm(forms.Form):
    """The record of a return visit. If it took place, all questions of choice are required."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ModelChoiceField(
        Outcome.objects.none(),
        label=_("Outcome"),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": _("Choose how the contact ended."),
            "invalid_choice": _("Choose how the contact ended."),
        },
    )
    channel = forms.ChoiceField(
        choices=Channel.choices,
        label=_("Channel"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    occurred_at = forms.DateTimeField(
        required=False,
        label=_("Time"),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "class": "form-control"}, format="%Y-%m-%dT%H:%M"
        ),
        help_text=_("Empty: now."),
    )
    notes = LongText(4000, label=_("Notes"))

    def __init__(self, *args: Any, steps: list[ScriptStep], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.steps = steps
        offer(self.fields["outcome"], outcomes())
        self.fields["notes"].widget.attrs.update({"class": "form-control", "rows": 3})
        for step in self.asked:
            self.fields[f"answer_{step.pk}"] = answer_field(step)

    @property
    def asked(self) -> list[ScriptStep]:
        """Steps that expect an answer."""
        return [step for step in self.steps if step.answer != ScriptStep.Answer.NONE]

    @property
    def prompts(self) -> list[tuple[ScriptStep, str]]:
        """Each step with its answer field, as in the call screen."""
        return [
            (step, self[f"answer_{step.pk}"].value() or "") if step in self.asked else (step, "")
            for step in self.steps
        ]

    @property
    def details(self) -> list[forms.BoundField]:
        return [self[name] for name in ("notes", "channel", "occurred_at")]

    def clean_occurred_at(self) -> datetime | None:
        """Not in the future, and not before there were telephones to call."""
        return clean_occurred_at(self.cleaned_data["occurred_at"])

    def clean(self) -> dict[str, Any]:
        """A visit that reached the client answers every question to choose from."""
        data = super().clean() or {}
        outcome = data.get("outcome")
        if outcome is not None and outcome.reached:
            for step in self.asked:
                name = f"answer_{step.pk}"
                is_choice = step.answer in {ScriptStep.Answer.CHOICE, ScriptStep.Answer.SCALE}
                if is_choice and step.if_step is None and not data.get(name):
                    text = _("“%(question)s” is not answered yet.") % {"question": step.title}
                    if name not in self.errors:
                        self.add_error(name, text)
        return data

    def content(self, version: ScriptVersion) -> dict[str, Any]:
        """Arguments for ``recording.record``; answers to be examined are its findings."""
        data = self.cleaned_data
        answers, findings = [], []
        for step in self.asked:
            given = str(data.get(f"answer_{step.pk}") or "").strip()
            if not given:
                continue
            answers.append({"step": step.title_zh, "prompt": step.said, "answer": given})
            if given in step.flags:
                findings.append(answers[-1])
        reached = data["outcome"].reached
        return {
            "token": data["token"],
            "outcome": data["outcome"],
            "channel": data["channel"],
            "occurred_at": data["occurred_at"],
            "notes": data["notes"],
            "answers": answers,
            "findings": findings if reached else [],
            "script_version": version if answers else None,
        }


def outcomes() -> QuerySet[Outcome]:
    """Outcomes permitted for a return visit: not reached, or talked; no sales outcomes."""
    talked = Q(reached=True, next_step=NextStep.NONE)
    return Outcome.objects.filter(Q(reached=False) | talked, is_active=True)


class ReviewForm(forms.Form):
    """The reviewer's decision."""

    decision = forms.ChoiceField(
        choices=[("accept", _("Accept")), ("return", _("Send back"))],
        error_messages={"required": _("Accept it or send it back.")},
    )
    words = forms.CharField(
        required=False,
        label=_("Words"),
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
        help_text=_("Needed to send it back."),
    )


class AssignForm(forms.Form):
    """The employee who is to make the visit."""

    to = forms.ModelChoiceField(
        Employee.objects.none(),
        label=_("Visitor"),
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={
            "required": _("Choose who is to make it."),
            "invalid_choice": _("This person may not make it: choose one of those offered."),
        },
    )

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["to"], candidates(client))


class PlanForm(CrispyFormMixin, forms.Form):
    """A return visit planned manually, for example for an abnormal account."""

    submit_label = _("Plan the return visit")
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    due_on = forms.DateField(label=_("On"), initial=today)
    words = forms.CharField(
        label=_("Why"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=_WORDS,
    )
