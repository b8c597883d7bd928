"""Administration of calendar addresses: who has one and when it was last read; no secret."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from crm.admin_base import ReadOnlyAdmin, Rows
from staff.scoped_admin import own_branches
from visits.models import CalendarFeed


@admin.register(CalendarFeed)
class CalendarFeedAdmin(ReadOnlyAdmin):
    """To look at; each employee makes and revokes their own."""

    list_display = ("employee", "made_at", "read_at")
    list_select_related = ("employee",)
    search_fields = ("employee__full_name", "employee__username")
    fields = ("employee", "made_at", "read_at")
    ordering = ("-id",)

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """Addresses of the employees in scope."""
        own = own_branches(request)
        return rows if own is None else rows.filter(employee__branch__in=own)
