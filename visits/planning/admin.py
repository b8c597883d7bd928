"""Administration of triggers and occasions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.admin_base import (
    FirmAdmin,
    ModelForm,
    ReadOnlyAdmin,
    ScopedRelatedFilter,
)
from staff.scoped_admin import BranchOwnedAdmin, ScopeFilter
from visits.models import (
    CallbackPlan,
    Occasion,
    PlanningRun,
    Trigger,
)
from visits.scoped_admin import RunAdmin
from visits.scripts import services as scripts

LONGEST_WINDOW = 366  # days


@admin.register(Trigger)
class TriggerAdmin(FirmAdmin):
    """How soon one calls after something happened; the next nightly planning heeds it."""

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

    list_display = ("client", "kind", "happened_on", "noted_by", "noted_at", "void")
    list_filter = ("kind", "void", "happened_on")
    list_select_related = ("client", "noted_by")
    search_fields = ("client__name", "note")
    ordering = ("-id",)


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
        "segment",
        "every",
        "unit",
        "window_days",
        "channel",
        "script",
        "remind_at",
        "remind_leads",
        "daily_capacity",
        "valid_from",
        "valid_to",
    )
    list_filter = (
        "channel",
        "unit",
        ScopeFilter,
        ("valid_to", admin.EmptyFieldListFilter),
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
        values = {name: form.cleaned_data[name] for name in scripts.PLAN_COLUMNS}
        obj.pk = scripts.change_plan(segment=obj.segment, values=values).pk


@admin.register(PlanningRun)
class PlanningRunAdmin(RunAdmin):
    """Nightly planning, segment by segment."""

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
