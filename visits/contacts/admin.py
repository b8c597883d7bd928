"""Administration of contacts: outcomes to edit; callbacks and visits to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.admin_base import (
    FirmAdmin,
    ReadOnlyInline,
    ScopedRelatedFilter,
    name_fields,
)
from visits.models import (
    Callback,
    CallbackChange,
    Outcome,
    Reminder,
    Visit,
)
from visits.scoped_admin import OfCallbackAdmin, OfClientAdmin


@admin.register(Outcome)
class OutcomeAdmin(FirmAdmin):
    """How a contact may end."""

    task = "reference"
    place = 40
    about = _("How a contact may end, and what follows from it.")
    list_display = (
        "name_zh",
        "name_en",
        "key",
        "reached",
        "next_step",
        "next_step_days",
        "position",
        "is_active",
    )
    list_display_links = ("name_zh", "name_en")
    list_filter = ("reached", "is_active", "next_step")
    search_fields = ("key", "name_zh", "name_en")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Imports and the program name an outcome by its key."""
        return ("key",) if obj else ()


name_fields(Callback, merged_into=_("merged into"))


class ChangeInline(ReadOnlyInline):
    """Decisions of employees on the callback."""

    model = CallbackChange
    fields = ("at", "action", "old_due_on", "new_due_on", "reason", "employee")


class ReminderInline(ReadOnlyInline):
    """Reminders of the callback."""

    model = Reminder
    fields = ("due_on", "lead_days", "channel", "employee", "status", "created_at")


@admin.register(Callback)
class CallbackAdmin(OfClientAdmin):
    """Callbacks, read-only: employees change them on the pages of the product."""

    task = "records"
    place = 40
    about = _("Callbacks, planned, done and cancelled.")
    list_display = ("due_on", "client", "employee", "kind", "status", "window_end", "attempts")
    list_filter = (
        "status",
        "kind",
        "due_on",
        "is_backlog",
        "over_capacity",
        "is_placed",
        "cancelled_because",
    )
    list_select_related = ("client", "employee")
    ordering = ("-id",)
    inlines = (ChangeInline, ReminderInline)


@admin.register(Visit)
class VisitAdmin(OfClientAdmin):
    """Visits, append-only: a correction is a new entry."""

    task = "records"
    place = 41
    about = _("Contacts as they were recorded.")
    list_display = ("occurred_at", "client", "employee", "channel", "outcome", "reached", "void")
    list_filter = (
        "occurred_on",
        "channel",
        "reached",
        "void",
        "satisfaction_service",
        ("outcome", ScopedRelatedFilter),
    )
    list_select_related = ("client", "employee", "outcome")
    ordering = ("-id",)
    exclude = ("token",)


@admin.register(CallbackChange)
class CallbackChangeAdmin(OfCallbackAdmin):
    """Changes of callbacks with employee and reason."""

    task = "audit"
    place = 60
    about = _("Callbacks that were moved, skipped or cancelled, and why.")
    list_display = ("at", "callback", "action", "old_due_on", "new_due_on", "reason", "employee")
    list_filter = ("action", "at")
    list_select_related = ("callback__client", "employee")
    search_fields = ("=employee__full_name", "=employee__username", "=callback__client__name")
    ordering = ("-id",)
