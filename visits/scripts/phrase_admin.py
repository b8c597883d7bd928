"""Administration of banned phrases; flags and drafts to look at."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from crm.admin_base import ReadOnlyAdmin, ScopedRelatedFilter
from crm.citations import CitationForm
from staff.scoped_admin import BranchOwnedAdmin, ScopeFilter
from visits.models import BannedPhrase, PhraseFlag, VisitDraft
from visits.scripts.admin import Lines


class BannedPhraseForm(CitationForm):
    """A rule and the examples it is tried on."""

    must_hit = Lines(
        label=gettext_lazy("must be found"),
        help_text=gettext_lazy(
            "Examples, one a line. The rule is saved only if it finds each of them."
        ),
        most=60,
        required=True,
    )
    must_not_hit = Lines(
        label=gettext_lazy("must not be found"),
        help_text=gettext_lazy(
            "Examples, one a line. The rule is saved only if it finds none of them."
        ),
        most=60,
        required=True,
    )

    def words(self) -> str:
        """The law that ships, by its name in the reader's language."""
        source: str = self.instance.source
        return source


@admin.register(BannedPhrase)
class BannedPhraseAdmin(BranchOwnedAdmin):
    """Banned phrases. They end by date and are not deleted."""

    task = "rules"
    place = 40
    about = gettext_lazy("Words that must not be said to clients, each with its source.")
    form = BannedPhraseForm
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

    task = "audit"
    place = 62
    about = gettext_lazy("Contact records in which a banned phrase was found.")
    seen_with = "visit"
    list_display = ("visit", "phrase")
    list_filter = ("phrase",)
    list_select_related = ("visit__client", "phrase")
    search_fields = ("visit__client__name", "phrase__phrase")
    ordering = ("-id",)


@admin.register(VisitDraft)
class VisitDraftAdmin(ReadOnlyAdmin):
    """Drafts by author and age; their content is shown to nobody but the author."""

    task = "records"
    place = 46
    about = gettext_lazy("Contacts begun and not saved; the text is the author's alone.")
    seen_with = "client"
    list_display = ("client", "employee", "saved_at")
    list_select_related = ("client", "employee")
    search_fields = ("employee__username", "employee__full_name")
    fields = ("client", "employee", "saved_at")
    ordering = ("-id",)
