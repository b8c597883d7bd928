"""Administration of replies to suggestions: to look at."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from crm.admin_base import ReadOnlyAdmin, Rows
from staff.models import Employee
from visits.models import SuggestionReply, Visit


@admin.register(SuggestionReply)
class SuggestionReplyAdmin(ReadOnlyAdmin):
    """What was replied to suggestions of clients."""

    list_display = ("at", "visit", "state", "employee")
    list_filter = ("state", "at")
    list_select_related = ("visit__client", "visit__outcome", "employee")
    ordering = ("-id",)

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """Replies to visible entries."""
        assert isinstance(request.user, Employee)  # noqa: S101
        return rows.filter(visit__in=Visit.objects.visible_to(request.user))
