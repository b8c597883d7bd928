"""Administration of tags, and of changes of many clients."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clients.models import (
    BulkChange,
    BulkChangeItem,
    ClientTag,
    Tag,
)
from clients.scoped_admin import OfClientAdmin
from crm.admin_base import ScopedRelatedFilter, name_fields
from staff.scoped_admin import BranchOwnedAdmin, OfOwnBranchesAdmin, ScopeFilter

name_fields(BulkChangeItem, change=_("bulk change"), client=_("client"))


@admin.register(Tag)
class TagAdmin(BranchOwnedAdmin):
    """Words for clients."""

    task = "reference"
    place = 10
    about = _("Words that are put on clients, of the firm and of branches.")
    list_display = ("name", "branch")
    list_filter = (ScopeFilter, ("branch", ScopedRelatedFilter))
    list_select_related = ("branch",)
    search_fields = ("name",)
    autocomplete_fields = ("branch",)


@admin.register(ClientTag)
class ClientTagAdmin(OfClientAdmin):
    """Which client carries which tag, since when."""

    task = "records"
    place = 22
    about = _("Which client carries which tag, since when.")
    list_display = ("client", "tag", "added_by", "added_at")
    list_filter = ("added_at",)
    list_select_related = ("client", "tag", "added_by")


@admin.register(BulkChange)
class BulkChangeAdmin(OfOwnBranchesAdmin):
    """Changes of many clients: who asked for what, and what was taken back."""

    task = "audit"
    place = 30
    about = _("Changes of many clients at once, and what was taken back.")
    list_display = ("asked_at", "action", "tag", "segment", "reason", "employee", "undone_at")
    list_filter = ("action", "asked_at", ("undone_at", admin.EmptyFieldListFilter))
    list_select_related = ("tag", "segment", "employee")
    search_fields = ("reason", "=employee__full_name")
    ordering = ("-id",)


@admin.register(BulkChangeItem)
class BulkChangeItemAdmin(OfClientAdmin):
    """What became of each client."""

    task = "audit"
    place = 32
    about = _("What a bulk change did to each client.")
    list_display = ("client", "change", "state")
    list_filter = ("state",)
    list_select_related = ("client", "change__tag", "change__segment")
