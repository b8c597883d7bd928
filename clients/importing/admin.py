"""Administration of imports and exports: to look at only."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clients.models import ClientExport, ClientImport, ImportedClient
from crm.admin_base import ReadOnlyAdmin, Rows, name_fields
from staff.http import employee_of

name_fields(ImportedClient, batch=_("import"), client=_("client"))


class OfBranchAdmin(ReadOnlyAdmin):
    """Rows of the branches whose clients the person may see."""

    ordering: ClassVar[Any] = ("-id",)

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """Within the person's branches."""
        branches = employee_of(request).branch_scope
        return rows if branches is None else rows.filter(branch__in=branches)


@admin.register(ClientImport)
class ClientImportAdmin(OfBranchAdmin):
    """Imports with employee and mapping; sample rows of the file are omitted."""

    task = "runs"
    place = 20
    about = _("Files of clients and contacts that were imported, and what was undone.")
    list_display = ("name", "employee", "branch", "mode", "match", "created_at", "job", "undo_job")
    list_filter = ("mode", "match")
    list_select_related = ("employee", "branch", "job", "undo_job")
    fields = (
        "name",
        "employee",
        "branch",
        "mode",
        "match",
        "mapping",
        "job",
        "undo_job",
        "created_at",
    )


@admin.register(ImportedClient)
class ImportedClientAdmin(ReadOnlyAdmin):
    """Which clients an import made or changed."""

    task = "runs"
    place = 22
    about = _("Which client an import made or changed.")
    seen_with = "client"
    list_display = ("batch", "client", "created", "state")
    list_filter = ("created", "state")
    list_select_related = ("batch", "client")
    ordering: ClassVar[Any] = ("-id",)
    fields = ("batch", "client", "created", "state")


@admin.register(ClientExport)
class ClientExportAdmin(OfBranchAdmin):
    """Exports with requester, reason and approval."""

    task = "audit"
    place = 20
    about = _("Exports of clients: who asked, why, and who approved.")
    list_display = (
        "employee",
        "row_count",
        "in_clear",
        "format",
        "state",
        "reason",
        "decided_by",
        "asked_at",
    )
    list_filter = ("state", "in_clear", "format")
    list_select_related = ("employee", "decided_by")
    fields = (
        "employee",
        "branch",
        "query",
        "format",
        "in_clear",
        "reason",
        "row_count",
        "state",
        "decided_by",
        "decided_at",
        "job",
        "asked_at",
    )
