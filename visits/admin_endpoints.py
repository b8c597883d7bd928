"""Addresses for reminders and quiet hours in the administration: to look at, never in the clear."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from crm.admin_base import ReadOnlyAdmin, Rows
from staff.scoped_admin import own_branches
from visits.models import Endpoint, QuietHours


class OfEmployeeAdmin(ReadOnlyAdmin):
    """Rows of the employees in scope."""

    list_select_related = ("employee",)
    search_fields = ("employee__full_name", "employee__username")
    ordering = ("-id",)

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """Those of one's branch and under it."""
        own = own_branches(request)
        return rows if own is None else rows.filter(employee__branch__in=own)


@admin.register(Endpoint)
class EndpointAdmin(OfEmployeeAdmin):
    """Where employees want to be told."""

    list_display = ("employee", "kind", "label", "enabled", "last_ok_at", "last_failed_at")
    list_filter = ("kind", "enabled")
    exclude = ("shown", "ciphertext", "key_id")


@admin.register(QuietHours)
class QuietHoursAdmin(OfEmployeeAdmin):
    """When employees are not to be disturbed."""

    list_display = ("employee", "quiet_from", "quiet_to")
