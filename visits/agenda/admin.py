"""Administration of calendar addresses: owner and time of last use; never the secret."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from staff.scoped_admin import OfOwnBranchesAdmin
from visits.models import CalendarFeed


@admin.register(CalendarFeed)
class CalendarFeedAdmin(OfOwnBranchesAdmin):
    """To look at; each employee makes and revokes their own."""

    task = "people"
    place = 90
    about = _("Whose callbacks a calendar program reads, and when it last did.")
    list_display = ("employee", "made_at", "read_at")
    list_select_related = ("employee",)
    search_fields = ("employee__full_name", "employee__username")
    fields = ("employee", "made_at", "read_at")
    ordering = ("-id",)
