"""Administration of triggers and occasions."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.admin_base import (
    FirmAdmin,
    ReadOnlyAdmin,
    ScopedRelatedFilter,
    name_fields,
)
from visits.models import (
    Occasion,
    PlanningRun,
    Trigger,
)
from visits.scoped_admin import RunAdmin

name_fields(Occasion, source_key=_("key in the source"))


@admin.register(Trigger)
class TriggerAdmin(FirmAdmin):
    """How soon one calls after something happened; the next nightly planning heeds it."""

    task = "rules"
    place = 25
    about = _("How soon one calls after something happened to a client.")
    list_display = ("cause", "is_active", "call_days", "window_days", "amount")
    list_filter = ("is_active",)
    search_fields = ("cause",)
    fields = ("cause", "is_active", "call_days", "window_days", "amount")
    readonly_fields = ("cause",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Every cause has its row; the planner knows no others."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Switch it off instead."""
        return False


@admin.register(Occasion)
class OccasionAdmin(ReadOnlyAdmin):
    """Occasions, read-only; they are recorded and voided on the client's page."""

    task = "records"
    place = 42
    about = _("What happened to clients and gives a reason to call.")
    list_display = ("client", "kind", "happened_on", "noted_by", "noted_at", "void")
    list_filter = ("kind", "void", "happened_on")
    list_select_related = ("client", "noted_by")
    search_fields = ("client__name", "note")
    ordering = ("-id",)


@admin.register(PlanningRun)
class PlanningRunAdmin(RunAdmin):
    """Nightly planning, segment by segment."""

    task = "runs"
    place = 40
    about = _("Nightly planning of callbacks, segment by segment, in counts.")
    list_display = (
        "day",
        "segment",
        "started_at",
        "finished_at",
        "created",
        "kept",
        "moved",
        "cancelled",
    )
    list_filter = (("finished_at", admin.EmptyFieldListFilter), ("segment", ScopedRelatedFilter))
