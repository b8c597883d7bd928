"""Administration of the ranking: everything to read; weights and overrides change in the product."""

from __future__ import annotations

from django.contrib import admin

from crm.admin_base import ReadOnly, ReadOnlyAdmin, ScopedRelatedFilter
from pipeline.models import (
    RankingModel,
    RankingOverride,
    RankingRate,
    RankingScore,
    RankingWeights,
)
from staff.scoped_admin import BranchOwnedAdmin


@admin.register(RankingRate)
class RankingRateAdmin(ReadOnlyAdmin):
    """The simple rates with their counts, written each night."""

    list_display = ("kind", "stage", "prospect_type", "won", "closed", "rate")
    list_filter = ("kind", "prospect_type")
    list_select_related = ("stage",)


@admin.register(RankingModel)
class RankingModelAdmin(ReadOnlyAdmin):
    """Trainings with their evaluation."""

    list_display = ("version", "trained_on", "verdict", "outcomes", "won", "rows", "seconds")
    list_filter = ("verdict",)


@admin.register(RankingWeights)
class RankingWeightsAdmin(ReadOnly, BranchOwnedAdmin):
    """Weights now and before; the firm's, and those of branches in scope."""

    list_display = ("branch", "capital", "probability", "timing", "reason", "by", "at", "ended_at")
    list_filter = (("branch", ScopedRelatedFilter),)
    list_select_related = ("branch", "by")


@admin.register(RankingOverride)
class RankingOverrideAdmin(ReadOnlyAdmin):
    """Overrides with employee and reason."""

    list_display = ("opportunity", "direction", "until", "reason", "by", "at", "ended_at")
    list_filter = ("direction", "until")
    list_select_related = ("opportunity__client", "opportunity__stage", "by")


@admin.register(RankingScore)
class RankingScoreAdmin(ReadOnlyAdmin):
    """The stored scores with their factors."""

    list_display = ("opportunity", "score", "pin", "capital", "probability", "timing", "scored_at")
    list_filter = ("capital_from", "timing_why", "pin")
    list_select_related = ("opportunity__client", "opportunity__stage")
