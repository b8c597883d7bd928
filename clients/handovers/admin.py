"""Administration of hand-overs: to look at only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clients.models import (
    HandOver,
    HandOverItem,
)
from clients.scoped_admin import OfClientAdmin
from staff.scoped_admin import OfOwnBranchesAdmin


@admin.register(HandOver)
class HandOverAdmin(OfOwnBranchesAdmin):
    """Hand-overs with requester and decision."""

    task = "audit"
    place = 40
    about = _("Clients handed from one employee to others, and who approved.")
    branch_path = "origin__branch"
    list_display = ("origin", "effective_on", "state", "rule", "asked_by", "decided_by", "done_at")
    list_filter = ("state", "effective_on", "departing")
    list_select_related = ("origin", "asked_by", "decided_by")
    search_fields = ("=origin__full_name", "reason")
    ordering = ("-id",)


@admin.register(HandOverItem)
class HandOverItemAdmin(OfClientAdmin):
    """Who got which client."""

    task = "audit"
    place = 42
    about = _("Who received which client in a hand-over.")
    list_display = ("client", "hand_over", "receiver", "state")
    list_filter = ("state",)
    list_select_related = ("client", "hand_over__origin", "receiver")
