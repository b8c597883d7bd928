"""Administration of banned phrases; flags and drafts to look at."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from crm.admin_base import ReadOnlyAdmin, ScopedRelatedFilter
from staff.scoped_admin import BranchOwnedAdmin, ScopeFilter
from visits.models import BannedPhrase, PhraseFlag, VisitDraft


@admin.register(BannedPhrase)
class BannedPhraseAdmin(BranchOwnedAdmin):
    """Banned phrases. They end by date and are not deleted."""

    list_display = ("phrase", "why_zh", "branch", "status", "valid_from", "valid_to")
    list_filter = (ScopeFilter, "status", ("branch", ScopedRelatedFilter))
    list_select_related = ("branch",)
    search_fields = ("phrase", "why_zh", "why_en", "citation")
    autocomplete_fields = ("branch",)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Never deletable: flags refer to their phrase."""
        return False


@admin.register(PhraseFlag)
class PhraseFlagAdmin(ReadOnlyAdmin):
    """Visits flagged for a banned phrase."""

    seen_with = "visit"
    list_display = ("visit", "phrase")
    list_filter = ("phrase",)
    list_select_related = ("visit__client", "phrase")
    search_fields = ("visit__client__name", "phrase__phrase")
    ordering = ("-id",)


@admin.register(VisitDraft)
class VisitDraftAdmin(ReadOnlyAdmin):
    """Drafts by author and age; their content is shown to nobody but the author."""

    seen_with = "client"
    list_display = ("client", "employee", "saved_at")
    list_select_related = ("client", "employee")
    search_fields = ("employee__username", "employee__full_name")
    fields = ("client", "employee", "saved_at")
    ordering = ("-id",)
