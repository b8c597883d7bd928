"""Administration of the ranking: everything to read; weights and overrides change in the product."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from crm.admin_base import ReadOnly, ReadOnlyAdmin, ScopedRelatedFilter, name_fields
from pipeline.models import (
    RankingModel,
    RankingOverride,
    RankingRate,
    RankingScore,
    RankingWeights,
)
from staff.scoped_admin import BranchOwnedAdmin

name_fields(
    RankingScore,
    capital_from=_("source of the capital"),
    timing_why=_("reason of the timing"),
    timing_days=_("days of the timing"),
    pin=_("by hand"),
    contact_on=_("last contact"),
)


@admin.register(RankingRate)
class RankingRateAdmin(ReadOnlyAdmin):
    """The simple rates with their counts, written each night."""

    task = "runs"
    place = 82
    about = _("Rates by which opportunities are ranked, counted each night.")
    list_display = ("kind", "stage", "prospect_type", "won", "closed", "rate")
    list_filter = ("kind", "prospect_type")
    list_select_related = ("stage",)


@admin.register(RankingModel)
class RankingModelAdmin(ReadOnlyAdmin):
    """Trainings with their evaluation."""

    task = "runs"
    place = 80
    about = _("Trainings of the ranking and how good they were.")
    list_display = ("version", "trained_on", "verdict", "outcomes", "won", "rows", "seconds")
    list_filter = ("verdict",)


@admin.register(RankingWeights)
class RankingWeightsAdmin(ReadOnly, BranchOwnedAdmin):
    """Weights now and before; the firm's, and those of branches in scope."""

    task = "rules"
    place = 80
    about = _("How much capital, probability and timing count in the ranking.")
    list_display = ("branch", "capital", "probability", "timing", "reason", "by", "at", "ended_at")
    list_filter = (("branch", ScopedRelatedFilter),)
    list_select_related = ("branch", "by")


@admin.register(RankingOverride)
class RankingOverrideAdmin(ReadOnlyAdmin):
    """Overrides with employee and reason."""

    task = "records"
    place = 54
    about = _("Opportunities that somebody ranked higher or lower, and why.")
    list_display = ("opportunity", "direction", "until", "reason", "by", "at", "ended_at")
    list_filter = ("direction", "until")
    list_select_related = ("opportunity__client", "opportunity__stage", "by")


@admin.register(RankingScore)
class RankingScoreAdmin(ReadOnlyAdmin):
    """The stored scores with their factors."""

    task = "records"
    place = 53
    about = _("Scores by which opportunities are ranked, with their factors.")
    list_display = ("opportunity", "score", "pin", "capital", "probability", "timing", "scored_at")
    exclude = ("facts",)
    list_filter = ("capital_from", "timing_why", "pin")
    list_select_related = ("opportunity__client", "opportunity__stage")
