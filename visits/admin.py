"""Administration of visits: callbacks and visits to look at, plans and outcomes to edit."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.admin_base import (
    FirmAdmin,
    ModelForm,
    ReadOnlyAdmin,
    ReadOnlyInline,
    Rows,
    ScopedRelatedFilter,
)
from staff.scoped_admin import BranchOwnedAdmin, OfOwnBranchesAdmin, ScopeFilter
from visits.agenda import admin as admin_calendar  # noqa: F401
from visits.models import (
    Callback,
    CallbackChange,
    CallbackPlan,
    Digest,
    Outcome,
    PlanningRun,
    Reminder,
    ReminderRun,
    Visit,
)
from visits.notifications import admin as admin_endpoints  # noqa: F401
from visits.planning import admin as admin_triggers  # noqa: F401
from visits.scripts import admin as admin_scripts  # noqa: F401
from visits.scripts import phrase_admin as admin_phrases  # noqa: F401
from visits.scripts import services as talk
from visits.scripts import suggestion_admin as admin_suggestions  # noqa: F401

LONGEST_WINDOW = 366  # days


@admin.register(Outcome)
class OutcomeAdmin(FirmAdmin):
    """How a contact may end."""

    list_display = (
        *("name_zh", "name_en", "key", "reached", "next_step"),
        *("next_step_days", "position", "is_active"),
    )
    list_display_links = ("name_zh", "name_en")
    list_filter = ("reached", "is_active", "next_step")
    search_fields = ("key", "name_zh", "name_en")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Imports and the program name an outcome by its key."""
        return ("key",) if obj else ()


class PlanForm(ModelForm):
    """One plan per segment is in force."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse a second one, and a window longer than a year, which is a mistake of typing."""
        data = super().clean()
        segment = self.cleaned_data.get("segment")
        if segment and segment.plans.filter(valid_to__isnull=True).exists():
            self.add_error("segment", _("This segment has a plan in force: change that one."))
        if (self.cleaned_data.get("window_days") or 0) > LONGEST_WINDOW:
            self.add_error("window_days", _("Choose at most 366 days."))
        return data


@admin.register(CallbackPlan)
class CallbackPlanAdmin(BranchOwnedAdmin):
    """How each segment is contacted."""

    form = PlanForm
    branch_path = "segment__branch"
    list_display = (
        *("segment", "every", "unit", "window_days", "channel", "script"),
        *("remind_at", "remind_leads", "daily_capacity", "valid_from", "valid_to"),
    )
    list_filter = (
        *("channel", "unit", ScopeFilter, ("valid_to", admin.EmptyFieldListFilter)),
        ("segment", ScopedRelatedFilter),
    )
    list_select_related = ("segment", "script")
    search_fields = ("segment__key", "segment__name_zh", "segment__name_en")
    autocomplete_fields = ("segment", "script")
    fieldsets = (
        (
            None,
            {
                "fields": ("segment", ("every", "unit"), ("shift", "window_days")),
                "description": _("A change begins a new plan today; callbacks follow at once."),
            },
        ),
        (_("Contact"), {"fields": ("channel", "script", "daily_capacity")}),
        (_("Reminder"), {"fields": ("remind_at", "remind_leads")}),
        (_("In force"), {"fields": (("valid_from", "valid_to"),)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new plan is in force from today."""
        sets = super().get_fieldsets(request, obj)
        return sets if obj else sets[:-1]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A plan stays with its segment: another segment has another plan."""
        return ("segment", "valid_from", "valid_to") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Plans that ended stay on record."""
        ended = obj is not None and obj.valid_to is not None
        return not ended and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through the service: the plan in force ends, the changed one begins today."""
        values = {name: form.cleaned_data[name] for name in talk.PLAN_COLUMNS}
        obj.pk = talk.change_plan(segment=obj.segment, values=values).pk


class ChangeInline(ReadOnlyInline):
    """What people decided about the callback."""

    model = CallbackChange
    fields = ("at", "action", "old_due_on", "new_due_on", "reason", "employee")


class ReminderInline(ReadOnlyInline):
    """What reminded of the callback."""

    model = Reminder
    fields = ("due_on", "lead_days", "channel", "employee", "status", "created_at")


class OfClientAdmin(ReadOnlyAdmin):
    """Found by the client or the employee, by their whole names: those have an index or are few."""

    search_fields = ("=client__name", "=employee__full_name", "=employee__username")
    search_help_text = _("The whole name of the client or the employee.")


@admin.register(Callback)
class CallbackAdmin(OfClientAdmin):
    """What is due and was done; people change it in the callback list."""

    list_display = ("due_on", "client", "employee", "kind", "status", "window_end", "attempts")
    list_filter = (
        *("status", "kind", "due_on", "is_backlog", "over_capacity", "is_placed"),
        "cancelled_because",
    )
    list_select_related = ("client", "employee")
    ordering = ("-id",)
    inlines = (ChangeInline, ReminderInline)


@admin.register(Visit)
class VisitAdmin(OfClientAdmin):
    """What happened: append-only; a correction is a new entry."""

    list_display = ("occurred_at", "client", "employee", "channel", "outcome", "reached", "void")
    list_filter = (
        *("occurred_on", "channel", "reached", "void", "satisfaction_service"),
        ("outcome", ScopedRelatedFilter),
    )
    list_select_related = ("client", "employee", "outcome")
    ordering = ("-id",)
    exclude = ("token",)


class OfCallbackAdmin(ReadOnlyAdmin):
    """Rows of a callback, for whoever may see the callback."""

    seen_with = "callback"


@admin.register(CallbackChange)
class CallbackChangeAdmin(OfCallbackAdmin):
    """Snoozed, cancelled, created: by whom and why."""

    list_display = ("at", "callback", "action", "old_due_on", "new_due_on", "reason", "employee")
    list_filter = ("action", "at")
    list_select_related = ("callback__client", "employee")
    search_fields = ("=employee__full_name", "=employee__username", "=callback__client__name")
    ordering = ("-id",)


@admin.register(Reminder)
class ReminderAdmin(OfCallbackAdmin):
    """Which callback was reminded of, when, by which channel."""

    list_display = ("created_at", "callback", "employee", "due_on", "channel", "status")
    list_filter = ("status", "channel", "created_at")
    list_select_related = ("callback__client", "employee")
    search_fields = ("=employee__full_name", "=employee__username", "=callback__client__name")
    ordering = ("-id",)


@admin.register(Digest)
class DigestAdmin(OfOwnBranchesAdmin):
    """Messages of a day, one per employee, slot and channel."""

    list_display = ("day", "slot", "employee", "channel", "status", "attempts", "sent_at", "error")
    list_filter = ("status", "channel", "day")
    list_select_related = ("employee",)
    search_fields = ("employee__full_name", "employee__username")
    date_hierarchy = "day"
    ordering = ("-id",)


class RunAdmin(ReadOnlyAdmin):
    """Runs over segments: jobs of the firm and of one's own branch."""

    list_select_related = ("segment",)
    date_hierarchy = "day"

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """Runs of the segments that this person sees."""
        segments = self.get_field_queryset(None, self.model._meta.get_field("segment"), request)
        return rows.filter(segment__in=segments.order_by())


@admin.register(PlanningRun)
class PlanningRunAdmin(RunAdmin):
    """Nightly planning, segment by segment."""

    list_display = (
        *("day", "segment", "started_at", "finished_at"),
        *("created", "kept", "moved", "cancelled"),
    )
    list_filter = (("finished_at", admin.EmptyFieldListFilter), ("segment", ScopedRelatedFilter))


@admin.register(ReminderRun)
class ReminderRunAdmin(RunAdmin):
    """Reminding, segment by segment."""

    list_display = ("day", "segment", "slot", "started_at", "finished_at")
    list_filter = (("finished_at", admin.EmptyFieldListFilter), ("segment", ScopedRelatedFilter))
