"""Administration of exception cases: to look at only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from compliance.models import (
    CaseStep,
    ExceptionCase,
)
from crm.admin_base import ReadOnlyAdmin


@admin.register(ExceptionCase)
class ExceptionCaseAdmin(ReadOnlyAdmin):
    """Exception cases, never shown to the employees concerned."""

    task = "records"
    place = 72
    about = _("Exception cases and how they ended.")
    list_display = ("opened_at", "client", "concerned", "state", "closed_by", "closed_at")
    list_filter = ("state", "opened_at")
    list_select_related = ("client", "concerned", "closed_by")
    search_fields = ("=client__name",)
    ordering = ("-id",)


@admin.register(CaseStep)
class CaseStepAdmin(ReadOnlyAdmin):
    """Steps of exception cases."""

    task = "records"
    place = 73
    about = _("Steps of exception cases.")
    seen_with = "case"
    list_display = ("at", "case", "action", "employee")
    list_filter = ("action", "at")
    list_select_related = ("case__client", "employee")
    ordering = ("-id",)
