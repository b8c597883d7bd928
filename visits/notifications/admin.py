"""Addresses for reminders and quiet hours in the administration: to look at, never in the clear."""

from __future__ import annotations

from django.contrib import admin

from staff.scoped_admin import OfOwnBranchesAdmin
from visits.models import Endpoint, QuietHours


class OfEmployeeAdmin(OfOwnBranchesAdmin):
    """Rows of the employees in scope."""

    list_select_related = ("employee",)
    search_fields = ("employee__full_name", "employee__username")
    ordering = ("-id",)


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
