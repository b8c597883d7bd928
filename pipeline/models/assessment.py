"""The three assessments of an opportunity: value, opportunity, strategy (D-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm.money import yuan
from pipeline.models.opportunity import Opportunity
from pipeline.models.stage import AssessmentKind
from pipeline.querysets import AssessmentQuerySet
from staff.models import Employee
from visits.models import AttractionStyle, DecisionRole


class Funds(models.TextChoices):
    SALARY = "salary", _("Salary and savings")
    BUSINESS = "business", _("Own business")
    PROPERTY = "property", _("Property or inheritance")
    PENSION = "pension", _("Pension")
    UNKNOWN = "unknown", _("Not known yet")


class Elsewhere(models.TextChoices):
    NONE = "none", _("Nothing")
    SOME = "some", _("A part")
    MOST = "most", _("Most of it")
    UNKNOWN = "unknown", _("Not known yet")


class Degree(models.TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")


class Need(models.TextChoices):
    NONE = "none", _("None seen")
    LATENT = "latent", _("There, but not said")
    STATED = "stated", _("Said by the client")


class Timing(models.TextChoices):
    NOW = "now", _("Within a month")
    QUARTER = "quarter", _("Within three months")
    LATER = "later", _("Later")
    UNKNOWN = "unknown", _("Not known yet")


class Rivalry(models.TextChoices):
    NONE = "none", pgettext_lazy("competition", "Nobody")
    TALKS = "talks", _("Talks with others too")
    BOUND = "bound", _("Bound elsewhere")


class Obstacle(models.TextChoices):
    NONE = "none", _("None")
    FEE = "fee", _("Fees")
    TRUST = "trust", _("Trust")
    TIME = "time", _("Time and effort")
    RISK = "risk", _("Fear of losses")
    FAMILY = "family", _("The family decides")


@dataclass(frozen=True)
class Question:
    """One line of an assessment: a choice, an amount in CNY, or a text of at most ``longest``."""

    key: str
    label: str | Promise
    choices: type[models.TextChoices] | None = None
    is_amount: bool = False
    required: bool = True
    longest: int = 200

    @property
    def is_short(self) -> bool:
        """Whether it fits beside another."""
        return self.choices is not None or self.is_amount

    def answer(self, value: Any) -> str:
        """The stored form of ``value``, '' for none. Raises ValidationError if invalid."""
        text = "" if value is None else str(value).strip()
        if not text:
            if self.required:
                raise ValidationError(gettext("Answer this question."))
            return ""
        if self.choices is not None and text not in self.choices.values:
            raise ValidationError(gettext("Choose one of the answers."))
        if self.is_amount:
            return str(_amount(text))
        if len(text) > self.longest:
            raise ValidationError(
                gettext("Use at most %(count)d characters.") % {"count": self.longest}
            )
        return text

    def shown(self, value: str) -> str:
        """An answer as it is read."""
        if self.choices is not None and value in self.choices.values:
            return str(self.choices(value).label)
        return yuan(Decimal(value)) if self.is_amount else value


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValidationError(gettext("Enter an amount in CNY.")) from None
    if not amount.is_finite() or amount < 0 or amount >= Decimal(10) ** 14:
        raise ValidationError(gettext("Enter an amount in CNY, nothing below zero."))
    return amount.quantize(Decimal("0.01"))


# What each assessment asks. A question may be added; a key that rows hold keeps its meaning.
QUESTIONS: dict[str, tuple[Question, ...]] = {
    AssessmentKind.VALUE: (
        Question("capital", _("Capital that may come to us (CNY)"), is_amount=True),
        Question("funds", _("Where the money comes from"), Funds),
        Question("elsewhere", _("Held with other firms"), Elsewhere),
        Question("growth", _("Room to grow, and to recommend us"), Degree),
        Question("note", _("Note"), required=False),
    ),
    AssessmentKind.OPPORTUNITY: (
        Question("need", _("Need"), Need),
        Question("timing", _("When it may come about"), Timing),
        Question("role", _("Whom we talk with"), DecisionRole),
        Question("rivalry", _("Who else is in the running"), Rivalry),
        Question("trust", _("Trust in us"), Degree),
        Question("note", _("Note"), required=False),
    ),
    AssessmentKind.STRATEGY: (
        Question("style", _("How we raise interest"), AttractionStyle),
        Question("obstacle", _("What stands in the way"), Obstacle),
        Question("offer", _("What we offer")),
        Question("plan", _("How we go on")),
        Question("note", _("Note"), required=False),
    ),
}


def checked_answers(which: str, answers: Mapping[str, Any]) -> dict[str, str]:
    """The stored form of ``answers``: exactly the questions of the assessment ``which``.

    Raises ValidationError with a sentence per question.
    """
    kept: dict[str, str] = {}
    errors: dict[str, list[str]] = {}
    for question in QUESTIONS[which]:
        try:
            kept[question.key] = question.answer(answers.get(question.key))
        except ValidationError as refused:
            errors[question.key] = refused.messages
    unknown = set(answers) - {question.key for question in QUESTIONS[which]}
    if unknown:
        errors["__all__"] = [gettext("This assessment asks nothing of that name.")]
    if errors:
        raise ValidationError(errors)
    return kept


class Assessment(models.Model):
    """One assessment of an opportunity. Append-only: a later version replaces it."""

    opportunity = models.ForeignKey(
        Opportunity,
        on_delete=models.PROTECT,
        related_name="assessments",
        verbose_name=_("opportunity"),
    )
    which = models.CharField(_("assessment"), max_length=12, choices=AssessmentKind.choices)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    # Checked against QUESTIONS by ``clean`` and by the service that writes it.
    answers = models.JSONField(_("answers"))
    by = models.ForeignKey(
        Employee, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    on = models.DateField(_("date"))
    at = models.DateTimeField(_("at"), auto_now_add=True, db_default=Now())

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity", "which", "version"], name="assessment_one_per_version"
            ),
            models.CheckConstraint(
                condition=models.Q(which__in=AssessmentKind.values), name="assessment_is_known"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_which_display()} · {self.on}"

    def clean(self) -> None:
        """Every question is answered as it asks."""
        super().clean()
        if self.which in QUESTIONS:
            self.answers = checked_answers(self.which, self.answers or {})

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Questions and answers as they are read; those without an answer are left out."""
        return [
            (str(question.label), question.shown(self.answers[question.key]))
            for question in QUESTIONS[self.which]
            if self.answers.get(question.key)
        ]
