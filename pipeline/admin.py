"""Administration of the pipeline: stages and reasons to edit, opportunities to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.admin_base import FirmAdmin, ReadOnlyAdmin, ReadOnlyInline, Rows, ScopedRelatedFilter
from pipeline import admin_campaigns as admin_campaigns
from pipeline.models import LostReason, Opportunity, Stage, StageMove
from staff.models import Employee


class KeyedAdmin(FirmAdmin):
    """Reference rows that the program and the figures name by key."""

    list_display_links = ("name_zh", "name_en")
    list_filter = ("is_active",)
    search_fields = ("key", "name_zh", "name_en")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What opportunities copy does not change under them."""
        return ("key",) if obj else ()


@admin.register(Stage)
class StageAdmin(KeyedAdmin):
    """Steps from the first contact to the opened account."""

    list_display = ("name_zh", "name_en", "key", "kind", "position", "is_active")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Key and kind: opportunities keep a copy of the kind."""
        return ("key", "kind") if obj else ()


@admin.register(LostReason)
class LostReasonAdmin(KeyedAdmin):
    """Why opportunities are lost."""

    list_display = ("name_zh", "name_en", "key", "position", "is_active")


class MoveInline(ReadOnlyInline):
    """The way through the stages."""

    model = StageMove
    fields = ("moved_on", "from_stage", "to_stage", "employee", "at")


@admin.register(Opportunity)
class OpportunityAdmin(ReadOnlyAdmin):
    """Account openings in progress, won and lost; people move them on the board."""

    list_display = ("client", "kind", "stage", "amount", "expected_on", "stage_since", "closed_on")
    list_filter = (
        *("state", "stage_since", "expected_on"),
        ("stage", ScopedRelatedFilter),
        ("lost_reason", ScopedRelatedFilter),
    )
    list_select_related = ("client", "stage")
    search_fields = ("=client__name",)
    search_help_text = _("The whole name of the client.")
    ordering = ("-id",)
    inlines = (MoveInline,)


@admin.register(StageMove)
class StageMoveAdmin(ReadOnlyAdmin):
    """Each step of each opportunity; the funnel counts these."""

    list_display = ("moved_on", "opportunity", "from_stage", "to_stage", "employee")
    list_filter = ("moved_on", ("to_stage", ScopedRelatedFilter))
    list_select_related = (
        *("opportunity__client", "opportunity__stage"),
        *("from_stage", "to_stage", "employee"),
    )
    search_fields = ("=opportunity__client__name", "=employee__full_name", "=employee__username")
    ordering = ("-id",)

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """Moves of visible opportunities."""
        assert isinstance(request.user, Employee)  # noqa: S101
        return rows.filter(opportunity__in=Opportunity.objects.visible_to(request.user))
