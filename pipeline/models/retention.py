"""Statistics of purged prospects: counts without personal data (PIPL arts 19, 47)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from clients.models import ProspectType, Source
from pipeline.models.stage import LostReason, Stage
from staff.models import Branch


class PurgedStatistic(models.Model):
    """Number of purged prospects of a month with the same origin and last stage."""

    # The first day of the month in which they were recorded.
    month = models.DateField(_("month"))
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="+", verbose_name=_("branch")
    )
    source = models.CharField(
        _("source"), max_length=16, choices=Source.choices, blank=True, default=""
    )
    prospect_type = models.CharField(
        _("prospect type"), max_length=16, choices=ProspectType.choices, blank=True, default=""
    )
    # The last stage in progress; empty where there was no opportunity.
    stage = models.ForeignKey(
        Stage,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("stage reached"),
    )
    lost_reason = models.ForeignKey(
        LostReason,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("reason for losing"),
    )
    count = models.PositiveIntegerField(_("number"))

    class Meta:
        ordering = ["-month", "branch", "id"]
        verbose_name = _("statistic of purged prospects")
        verbose_name_plural = _("statistics of purged prospects")
        constraints = [
            models.UniqueConstraint(
                fields=["month", "branch", "source", "prospect_type", "stage", "lost_reason"],
                nulls_distinct=False,
                name="purgedstatistic_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.branch}: {self.count}"


class PurgeRun(models.Model):
    """One run of the purge, in counts."""

    on = models.DateField(_("date"))
    purged = models.PositiveIntegerField(_("purged"))
    kept = models.PositiveIntegerField(_("kept, in doubt"))
    # Deleted rows by table.
    rows = models.JSONField(_("rows"), default=dict)
    at = models.DateTimeField(_("at"), auto_now_add=True, db_default=Now())

    class Meta:
        ordering = ["-id"]
        verbose_name = _("purge of prospects")
        verbose_name_plural = _("purges of prospects")

    def __str__(self) -> str:
        return f"{self.on} · {self.purged}"
