"""Administration of return visits: to look at only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from compliance.models import (
    ReturnVisit,
    ReturnVisitStep,
)
from crm.admin_base import ReadOnlyAdmin


@admin.register(ReturnVisit)
class ReturnVisitAdmin(ReadOnlyAdmin):
    """Return visits, never shown to employees who serve or won the client."""

    task = "records"
    place = 70
    about = _("Compliance return visits, made and reviewed.")
    list_display = ("callback", "reason", "visited_by", "visited_on", "reviewed_by", "is_returned")
    list_filter = ("reason", "visited_on", ("reviewed_by", admin.EmptyFieldListFilter))
    list_select_related = ("callback__client", "visited_by", "reviewed_by")
    search_fields = ("=callback__client__name",)
    ordering = ("-id",)


@admin.register(ReturnVisitStep)
class ReturnVisitStepAdmin(ReadOnlyAdmin):
    """Steps of return visits."""

    task = "records"
    place = 71
    about = _("Steps of return visits.")
    seen_with = "return_visit"
    list_display = ("at", "return_visit", "action", "words", "employee")
    list_filter = ("action", "at")
    list_select_related = ("return_visit__callback__client", "employee")
    ordering = ("-id",)
