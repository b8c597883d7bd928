"""Stages, kept in data for each kind of opportunity; why one is lost, and to whom (D-01, D-10)."""

from __future__ import annotations

import math
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.localized import localized


class OpportunityKind(models.TextChoices):
    """Kinds of opportunity; each kind has its own stages (D-01, D-04, D-16, D-17)."""

    ACCOUNT_OPENING = "account_opening", _("Account opening")
    CUSTODY_TRANSFER = "custody_transfer", _("Transfer of custody in")
    SALE = "sale", _("Fund or product sale")
    REACTIVATION = "reactivation", _("Reactivation")
    REFERRAL = "referral", _("Referral")


class AssessmentKind(models.TextChoices):
    """The three assessments, in the order in which they are made (D-10)."""

    VALUE = "value", _("Value assessment")
    OPPORTUNITY = "opportunity", _("Opportunity assessment")
    STRATEGY = "strategy", _("Strategy assessment")


class StageQuerySet(models.QuerySet["Stage"]):
    def of(self, kind: str) -> Self:
        """The stages in use of one kind of opportunity, in their order."""
        return self.filter(opportunity_kind=kind, is_active=True).order_by("position", "id")


class Stage(models.Model):
    """A stage of one kind of opportunity, from the first contact to its end.

    That opportunities stand in stages of their own kind, and that neither kind of a stage changes
    under them, is held by a foreign key over all three columns (in the first migration).
    """

    class Kind(models.TextChoices):
        OPEN = "open", _("In progress")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    key = models.SlugField(_("key"), max_length=20, unique=True)
    opportunity_kind = models.CharField(
        _("kind of opportunity"),
        max_length=20,
        choices=OpportunityKind.choices,
        default=OpportunityKind.ACCOUNT_OPENING,
        db_default=OpportunityKind.ACCOUNT_OPENING,
    )
    name_zh = models.CharField(_("name (Chinese)"), max_length=40)
    name_en = models.CharField(_("name (English)"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices, default=Kind.OPEN)
    position = models.PositiveSmallIntegerField(_("position"))
    gates = ArrayField(
        models.CharField(max_length=12, choices=AssessmentKind.choices),
        verbose_name=_("assessments required"),
        default=list,
        db_default=[],
        blank=True,
        help_text=_("Nothing comes to this stage, or past it, without them."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = StageQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity_kind", "kind"],
                condition=~Q(kind="open"),
                name="stage_one_end_of_each_kind",
            ),
        ]

    def __str__(self) -> str:
        return localized(self, "name")

    def clean(self) -> None:
        """Refuse to deactivate a stage with opportunities, or one that its kind requires."""
        super().clean()
        if self.kind == self.Kind.LOST and self.gates:
            raise ValidationError({"gates": gettext("What is lost is not held up: no assessment.")})
        if self.is_active:
            return
        standing = self.opportunities.count() if self.pk else 0
        if standing:
            raise ValidationError(
                {
                    "is_active": gettext(
                        "%(count)d opportunities stand in this stage. Move them to another first."
                    )
                    % {"count": standing}
                }
            )
        others = Stage.objects.of(self.opportunity_kind).exclude(pk=self.pk)
        if not others.filter(kind=self.kind).exists():
            raise ValidationError(
                {
                    "is_active": gettext(
                        "Each kind needs a stage in progress, one for what is won and one for what "
                        "is lost. This is the last of its sort."
                    )
                }
            )

    def gates_from(self, came_from: Stage | None) -> list[str]:
        """Assessments required to enter this stage from ``came_from`` (None: newly created).

        Those of all active stages in between count, so that skipping a stage skips no assessment.
        """
        stages = Stage.objects.of(self.opportunity_kind)
        needed = {gate for stage in stages if self.passes(stage, came_from) for gate in stage.gates}
        return [gate for gate in AssessmentKind.values if gate in needed]

    def passes(self, stage: Stage, came_from: Stage | None) -> bool:
        """Whether a move from ``came_from`` to here passes ``stage``, or ends in it."""
        lost = self.Kind.LOST
        if lost in {self.kind, stage.kind}:
            return False
        start = (-1.0, 0) if came_from is None else came_from._place
        return start < stage._place <= self._place

    @property
    def _place(self) -> tuple[float, int]:
        """Sort key of the stage: its position; won comes after all others."""
        return (math.inf if self.kind == self.Kind.WON else self.position, self.pk)


class LostReason(models.Model):
    """Why an opportunity was lost; of one kind, or of every kind where none is named."""

    key = models.SlugField(_("key"), max_length=30, unique=True)
    opportunity_kind = models.CharField(
        _("kind of opportunity"),
        max_length=20,
        choices=OpportunityKind.choices,
        blank=True,
        default="",
        db_default="",
        help_text=_("Empty: every kind."),
    )
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("reason for losing")
        verbose_name_plural = _("reasons for losing")

    def __str__(self) -> str:
        return localized(self, "name")

    def fits(self, kind: str) -> bool:
        """Whether it is a reason for losing an opportunity of ``kind`` today."""
        return self.is_active and self.opportunity_kind in {"", kind}


class Competitor(models.Model):
    """A competitor for the business: another broker, a bank, a platform."""

    key = models.SlugField(_("key"), max_length=30, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("competitor")
        verbose_name_plural = _("competitors")

    def __str__(self) -> str:
        return localized(self, "name")
