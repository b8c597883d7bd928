"""Ranking of prospects: scores, success rates, learnt models, weights, overrides (D-09)."""

from __future__ import annotations

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from clients.models import ProspectType
from pipeline.models.opportunity import Opportunity
from pipeline.models.stage import OpportunityKind, Stage
from pipeline.querysets import RankingOverrideQuerySet, RankingScoreQuerySet
from staff.models import Branch, Employee

_KEPT = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
_EXPONENT = [MinValueValidator(0), MaxValueValidator(3)]


class RankingRate(models.Model):
    """Share won of opportunities that reached a stage, for one prospect type or all.

    Written anew each night. ``rate`` is shrunk: a type towards its stage, a stage towards its kind
    of opportunity, a kind towards the firm. Without a stage: the kind; without a kind: the firm.
    """

    kind = models.CharField(
        _("kind of opportunity"), max_length=20, choices=OpportunityKind.choices, blank=True
    )
    stage = models.ForeignKey(
        Stage, null=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("stage")
    )
    # Empty: not recorded. Null: all types together.
    prospect_type = models.CharField(  # noqa: DJ001
        _("prospect type"), max_length=16, choices=ProspectType.choices, null=True
    )
    closed = models.PositiveIntegerField(_("closed"))
    won = models.PositiveIntegerField(_("won"))
    rate = models.FloatField(_("rate"))

    class Meta:
        ordering = ["id"]
        verbose_name = _("success rate")
        verbose_name_plural = _("success rates")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "stage", "prospect_type"],
                name="rankingrate_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage or self.kind} · {self.rate:.2f}"


class RankingModel(models.Model):
    """One training: model, evaluation on later outcomes, whether it is in use. Never deleted."""

    class Verdict(models.TextChoices):
        USED = "used", _("In use: better than the simple rates")
        NOT_BETTER = "not_better", _("Not used: no better than the simple rates")
        TOO_FEW = "too_few", _("Not used: too few outcomes")
        ONE_CLASS = "one_class", _("Not used: outcomes of one kind only")

    version = models.PositiveIntegerField(_("version"), unique=True)
    trained_on = models.DateField(_("trained on"))
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict.choices)
    outcomes = models.PositiveIntegerField(_("closed opportunities"))
    won = models.PositiveIntegerField(_("won"))
    rows = models.PositiveIntegerField(_("rows learnt from"), default=0)
    # Names of the features, grounds that were barred, points per value (plain numbers: nothing of
    # this is ever executed), and what was measured: see pipeline/ranking/training.py.
    features = models.JSONField(_("features"), default=list)
    excluded = models.JSONField(_("excluded grounds"), default=list)
    card = models.JSONField(_("points"), default=dict)
    metrics = models.JSONField(_("measured on later outcomes"), default=dict)
    seconds = models.FloatField(_("seconds"), default=0)
    at = models.DateTimeField(_("at"), auto_now_add=True, db_default=Now())

    class Meta:
        ordering = ["-version"]
        verbose_name = _("learnt model")
        verbose_name_plural = _("learnt models")
        triggers = [_KEPT]

    def __str__(self) -> str:
        return f"v{self.version}"


class RankingWeights(models.Model):
    """Weight of each factor as an exponent; a branch's row overrides the firm's. Never deleted."""

    branch = models.ForeignKey(
        Branch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="ranking_weights",
        verbose_name=_("branch"),
        help_text=_("Empty: the whole firm."),
    )
    capital = models.DecimalField(
        _("weight of the capital"), max_digits=3, decimal_places=2, default=1, validators=_EXPONENT
    )
    probability = models.DecimalField(
        _("weight of the probability"),
        max_digits=3,
        decimal_places=2,
        default=1,
        validators=_EXPONENT,
    )
    timing = models.DecimalField(
        _("weight of the timing"), max_digits=3, decimal_places=2, default=1, validators=_EXPONENT
    )
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(
        Employee, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), auto_now_add=True, db_default=Now())
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("weights of the ranking")
        verbose_name_plural = _("weights of the ranking")
        constraints = [
            models.UniqueConstraint(
                Coalesce("branch_id", 0),
                condition=Q(ended_at__isnull=True),
                name="rankingweights_one_in_force",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="rankingweights_reason"),
            models.CheckConstraint(
                condition=Q(capital__gte=0, probability__gte=0, timing__gte=0)
                & Q(capital__lte=3, probability__lte=3, timing__lte=3),
                name="rankingweights_within",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.capital} · {self.probability} · {self.timing}"


class RankingOverride(models.Model):
    """An employee puts an opportunity first or last until a date, with a reason. Never deleted."""

    class Direction(models.IntegerChoices):
        FIRST = 1, _("To the top")
        LAST = -1, _("To the end")

    opportunity = models.ForeignKey(
        Opportunity,
        on_delete=models.PROTECT,
        related_name="ranking_overrides",
        verbose_name=_("opportunity"),
    )
    direction = models.SmallIntegerField(_("where to"), choices=Direction.choices)
    until = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), auto_now_add=True, db_default=Now())
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)
    ended_by = models.ForeignKey(
        Employee,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("ended by"),
    )

    objects = RankingOverrideQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("override of the ranking")
        verbose_name_plural = _("overrides of the ranking")
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity"],
                condition=Q(ended_at__isnull=True),
                name="rankingoverride_one_in_force",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="rankingoverride_reason"),
            models.CheckConstraint(
                condition=Q(direction__in=[1, -1]), name="rankingoverride_direction"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity} · {self.get_direction_display()}"


class RankingScore(models.Model):
    """The stored rank of an open opportunity, with factors and their sources."""

    class CapitalFrom(models.TextChoices):
        AMOUNT = "amount", _("expected assets of the opportunity")
        SIZE = "size", _("investment size of the client")
        USUAL = "usual", _("middle of the firm's opportunities of this kind")

    class Timing(models.TextChoices):
        """Why now, or why not: the first that applies."""

        NO_CALLS = "no_calls", _("wants no calls")
        OVERDUE = "overdue", _("next step overdue")
        TODAY = "today", _("next step due today")
        JUST_SPOKEN = "just_spoken", _("spoken to a moment ago")
        EXPECTED = "expected", _("close to the expected date")
        SOON = "soon", _("next step within a week")
        LATER = "later", _("next step later")
        NEVER = "never", _("never reached yet")
        SILENT = "silent", _("long without contact")
        USUAL = "usual", _("no next step agreed")

    opportunity = models.OneToOneField(
        Opportunity,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="ranking",
        verbose_name=_("opportunity"),
    )
    # Copy of the opportunity's, so that the first of a branch are read in their order.
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="+", verbose_name=_("branch"), db_index=False
    )
    capital = models.DecimalField(_("potential capital"), max_digits=16, decimal_places=2)
    capital_from = models.CharField(max_length=6, choices=CapitalFrom.choices)
    probability = models.FloatField(_("probability"))
    # The simple rate and its counts, also where a learnt model gives the probability.
    rate = models.FloatField(_("rate"))
    rate_closed = models.PositiveIntegerField(_("closed"))
    rate_won = models.PositiveIntegerField(_("won"))
    model = models.ForeignKey(
        RankingModel, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("model")
    )
    # What the model looked at, by the names of its features.
    facts = models.JSONField(default=dict)
    timing = models.FloatField(_("timing"))
    timing_why = models.CharField(max_length=11, choices=Timing.choices)
    timing_days = models.IntegerField(default=0)
    score = models.FloatField(_("score"))
    pin = models.SmallIntegerField(default=0)
    contact_on = models.DateField(null=True)
    day = models.DateField(_("as of"))
    scored_at = models.DateTimeField(_("scored at"))

    objects = RankingScoreQuerySet.as_manager()

    class Meta:
        ordering = ["-pin", "-score", "-opportunity_id"]
        verbose_name = _("score of the ranking")
        verbose_name_plural = _("scores of the ranking")
        indexes = [
            models.Index(fields=["-pin", "-score", "-opportunity"], name="ranking_order"),
            models.Index(
                fields=["branch", "-pin", "-score", "-opportunity"], name="ranking_order_of_branch"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity} · {self.score:.0f}"
