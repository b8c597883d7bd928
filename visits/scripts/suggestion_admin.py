"""Administration of replies to suggestions: to look at."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from crm.admin_base import ReadOnlyAdmin
from visits.models import SuggestionReply


@admin.register(SuggestionReply)
class SuggestionReplyAdmin(ReadOnlyAdmin):
    """Replies to suggestions of clients."""

    task = "records"
    place = 45
    about = _("Answers to what clients suggested.")
    seen_with = "visit"
    list_display = ("at", "visit", "state", "employee")
    list_filter = ("state", "at")
    list_select_related = ("visit__client", "visit__outcome", "employee")
    ordering = ("-id",)
