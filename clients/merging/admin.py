"""Administration of merges: to look at only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clients.models import (
    ClientMerge,
    NotDuplicate,
)
from crm.admin_base import ReadOnlyAdmin, name_fields

name_fields(NotDuplicate, first=_("one client"), second=_("other client"))


@admin.register(ClientMerge)
class ClientMergeAdmin(ReadOnlyAdmin):
    """Merges with employee and undo."""

    task = "audit"
    place = 50
    about = _("Records of one person that were merged, and by whom.")
    seen_with = "survivor"
    list_display = ("at", "merged", "survivor", "employee", "undone_at")
    list_filter = ("at", ("undone_at", admin.EmptyFieldListFilter))
    list_select_related = ("merged", "survivor", "employee")
    search_fields = ("=survivor__name", "=merged__name")
    ordering = ("-id",)
    fields = ("at", "merged", "survivor", "employee", "undone_at")


@admin.register(NotDuplicate)
class NotDuplicateAdmin(ReadOnlyAdmin):
    """Pairs found to be different people."""

    task = "audit"
    place = 52
    about = _("Pairs that look alike and are different people.")
    seen_with = "first"
    list_display = ("at", "first", "second", "reason", "employee")
    list_filter = ("at",)
    list_select_related = ("first", "second", "employee")
    search_fields = ("=first__name", "=second__name")
    ordering = ("-id",)
