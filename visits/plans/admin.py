"""Administration of callback plans: how each segment is contacted, in versions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.admin_base import (
    ModelForm,
    ScopedRelatedFilter,
)
from staff.scoped_admin import BranchOwnedAdmin, ScopeFilter
from visits.models import (
    CallbackPlan,
)
from visits.plans import services

LONGEST_WINDOW = 366  # days


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

    task = "rules"
    place = 20
    about = _("How often, how and with which script each segment is contacted.")
    form = PlanForm
    branch_path = "segment__branch"
    list_display = (
        "segment",
        "every",
        "unit",
        "window_days",
        "script",
        "remind_at",
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
        values = {name: form.cleaned_data[name] for name in services.PLAN_COLUMNS}
        obj.pk = services.change_plan(segment=obj.segment, values=values).pk
