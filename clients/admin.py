"""Administration of clients: to look at, masked, within the scope; services change them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clients.figures import admin as admin_figures  # noqa: F401
from clients.file import employee_admin as admin_employees  # noqa: F401
from clients.importing import admin as admin_transfers  # noqa: F401
from clients.models import (
    Assignment,
    BulkChange,
    BulkChangeItem,
    Client,
    ClientMerge,
    ClientTag,
    Consent,
    ContactPerson,
    ContactPhone,
    Document,
    HandOver,
    HandOverItem,
    Household,
    Identity,
    Membership,
    NotDuplicate,
    Phone,
    RiskAssessment,
    Tag,
)
from clients.search import matching
from clients.segments import admin as admin_segments  # noqa: F401
from crm.admin_base import ReadOnlyAdmin, ReadOnlyInline, Rows, ScopedRelatedFilter
from crm.models import AccessLog
from staff.http import employee_of
from staff.models import Role
from staff.scoped_admin import BranchOwnedAdmin, OfOwnBranchesAdmin, ScopeFilter


class OfClientAdmin(ReadOnlyAdmin):
    """Rows of a client, for whoever may see the client."""

    seen_with = "client"
    list_select_related: ClassVar[Any] = ("client",)
    search_fields: ClassVar[Any] = ("=client__name",)
    search_help_text = _("The whole name of the client.")
    ordering: ClassVar[Any] = ("-id",)


class PhoneInline(ReadOnlyInline):
    """Masked."""

    model = Phone
    fields = ("masked", "is_primary", "valid_from", "valid_to")
    readonly_fields = ("masked",)

    @admin.display(description=_("number"))
    def masked(self, phone: Phone) -> str:
        """Enough to recognise, too little to dial."""
        return phone.masked


class IdentityInline(ReadOnlyInline):
    """Masked."""

    model = Identity
    fields = ("type", "masked", "expires_on", "valid_from", "valid_to")
    readonly_fields = ("masked",)

    @admin.display(description=_("number"))
    def masked(self, paper: Identity) -> str:
        """First and last characters only."""
        return paper.masked


class RiskInline(ReadOnlyInline):
    """Assessments, newest first."""

    model = RiskAssessment
    fields = ("grade", "assessed_on", "expires_on", "source")


class AssignmentInline(ReadOnlyInline):
    """Who served and who won the client."""

    model = Assignment
    fields = ("employee", "kind", "valid_from", "valid_to", "reason")


@admin.register(Client)
class ClientAdmin(ReadOnlyAdmin):
    """Clients within the scope."""

    list_display = ("name", "kind", "lifecycle", "segment", "branch", "manager", "last_contact_on")
    list_filter = (
        *("lifecycle", "kind", "income_level", "investment_size", "investment_style"),
        *("commission_tier", "risk_grade", "source", "segment_pinned"),
        ("segment", ScopedRelatedFilter),
        ("branch", ScopedRelatedFilter),
    )
    list_select_related = ("segment", "branch", "manager")
    search_fields = ("name",)
    search_help_text = _("Name, pinyin, initials, a whole phone number or its last four digits.")
    fieldsets = (
        (None, {"fields": ("name", "kind", "title", "birthday", "notes")}),
        (_("Standing"), {"fields": ("lifecycle", "activity", "activity_on", "prospect_type")}),
        (
            _("Profile"),
            {
                "fields": (
                    *("income_level", "investment_size", "investment_style"),
                    *("commission_tier", "risk_grade", "risk_expires_on"),
                )
            },
        ),
        (
            _("Service"),
            {
                "fields": (
                    *("branch", "manager", "segment", "segment_since"),
                    *("segment_pinned", "segment_reason", "segment_pinned_until"),
                )
            },
        ),
        (
            _("Contact wishes"),
            {"fields": ("calls_refused", "call_from", "call_until", "contact_note")},
        ),
        (
            _("Dates and source"),
            {
                "fields": (
                    *("opened_on", "recorded_on", "last_contact_on", "source"),
                    *("source_system", "source_key", "merged_into", "created_at", "updated_at"),
                )
            },
        ),
    )
    inlines = (PhoneInline, IdentityInline, RiskInline, AssignmentInline)

    def get_search_results(
        self, request: HttpRequest, queryset: Rows, search_term: str
    ) -> tuple[Rows, bool]:
        """The product's own search: by index, also by number."""
        clients: Any = queryset
        return matching(clients, search_term), False


@admin.register(Phone)
class PhoneAdmin(OfClientAdmin):
    """Numbers, masked."""

    list_display = ("client", "masked", "is_primary", "valid_from", "valid_to")
    list_filter = ("is_primary", ("valid_to", admin.EmptyFieldListFilter))
    fields = ("client", "masked", "is_primary", "valid_from", "valid_to")
    readonly_fields = ("masked",)

    @admin.display(description=_("number"))
    def masked(self, phone: Phone) -> str:
        """Enough to recognise, too little to dial."""
        return phone.masked


@admin.register(Identity)
class IdentityAdmin(OfClientAdmin):
    """Identity papers, masked."""

    list_display = ("client", "type", "masked", "expires_on", "valid_from", "valid_to")
    list_filter = ("type", "expires_on", ("valid_to", admin.EmptyFieldListFilter))
    fields = ("client", "type", "masked", "expires_on", "valid_from", "valid_to")
    readonly_fields = ("masked",)

    @admin.display(description=_("number"))
    def masked(self, paper: Identity) -> str:
        """First and last characters only."""
        return paper.masked


@admin.register(RiskAssessment)
class RiskAssessmentAdmin(OfClientAdmin):
    """Results of risk assessments; a new test is a new row."""

    list_display = ("client", "grade", "assessed_on", "expires_on", "source")
    list_filter = ("grade", "assessed_on", "expires_on")


@admin.register(Consent)
class ConsentAdmin(OfClientAdmin):
    """Consents with their proof, and what was withdrawn."""

    list_display = ("client", "purpose", "channel", "given_on", "withdrawn_on", "recorded_by")
    list_filter = ("purpose", "channel", ("withdrawn_on", admin.EmptyFieldListFilter), "given_on")
    list_select_related = ("client", "recorded_by")


@admin.register(Assignment)
class AssignmentAdmin(OfClientAdmin):
    """Who served and who won which client, from when to when."""

    list_display = ("client", "employee", "kind", "valid_from", "valid_to", "reason")
    list_filter = ("kind", ("valid_to", admin.EmptyFieldListFilter), "valid_from")
    list_select_related = ("client", "employee")
    search_fields = ("=client__name", "=employee__full_name", "=employee__username")
    search_help_text = _("The whole name of the client or the employee.")


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnlyAdmin):
    """Who saw whose number in the clear, and why."""

    list_display = ("at", "employee", "action", "subject_type", "subject_id", "client_id", "reason")
    list_filter = ("action", "at")
    list_select_related = ("employee",)
    search_fields = ("employee__username", "employee__full_name", "=client_id")
    ordering = ("-id",)

    def scope(self, rows: Rows, request: HttpRequest) -> Rows:
        """Entries about visible clients; all of them for superusers."""
        if request.user.is_superuser:
            return rows
        if getattr(request.user, "role", "") != Role.COMPLIANCE:
            # Who called for a return visit tells that there was one.
            rows = rows.exclude(subject_type__startswith="compliance.")
        clients = Client.objects.visible_to(employee_of(request))
        return rows.filter(client_id__in=clients.values("pk"))


@admin.register(Tag)
class TagAdmin(BranchOwnedAdmin):
    """Words for clients."""

    list_display = ("name", "branch")
    list_filter = (ScopeFilter, ("branch", ScopedRelatedFilter))
    list_select_related = ("branch",)
    search_fields = ("name",)
    autocomplete_fields = ("branch",)


@admin.register(ClientTag)
class ClientTagAdmin(OfClientAdmin):
    """Which client carries which tag, since when."""

    list_display = ("client", "tag", "added_by", "added_at")
    list_filter = ("added_at",)
    list_select_related = ("client", "tag", "added_by")


@admin.register(BulkChange)
class BulkChangeAdmin(OfOwnBranchesAdmin):
    """Changes of many clients: who asked for what, and what was taken back."""

    list_display = ("asked_at", "action", "tag", "segment", "reason", "employee", "undone_at")
    list_filter = ("action", "asked_at", ("undone_at", admin.EmptyFieldListFilter))
    list_select_related = ("tag", "segment", "employee")
    search_fields = ("reason", "=employee__full_name")
    ordering = ("-id",)


@admin.register(BulkChangeItem)
class BulkChangeItemAdmin(OfClientAdmin):
    """What became of each client."""

    list_display = ("client", "change", "state")
    list_filter = ("state",)
    list_select_related = ("client", "change__tag", "change__segment")


@admin.register(Household)
class HouseholdAdmin(ReadOnlyAdmin):
    """Families, by their head."""

    seen_with = "head"
    list_display = ("head", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("head",)
    search_fields = ("=head__name",)
    ordering = ("-id",)


@admin.register(Membership)
class MembershipAdmin(OfClientAdmin):
    """Who was of which household, from when to when."""

    list_display = ("client", "relation", "household", "valid_from", "valid_to")
    list_filter = ("relation", ("valid_to", admin.EmptyFieldListFilter))
    list_select_related = ("client", "household__head")


@admin.register(ContactPerson)
class ContactPersonAdmin(OfClientAdmin):
    """Persons to speak with who are no clients."""

    list_display = ("client", "name", "role", "position", "valid_from", "valid_to")
    list_filter = ("role", ("valid_to", admin.EmptyFieldListFilter))


@admin.register(ContactPhone)
class ContactPhoneAdmin(ReadOnlyAdmin):
    """Their numbers, masked."""

    seen_with = "contact__client"
    list_display = ("contact", "masked", "valid_from", "valid_to")
    list_filter = (("valid_to", admin.EmptyFieldListFilter),)
    list_select_related = ("contact",)
    search_fields = ("=contact__name",)
    ordering = ("-id",)
    fields = ("contact", "masked", "valid_from", "valid_to")
    readonly_fields = ("masked",)

    @admin.display(description=_("number"))
    def masked(self, phone: ContactPhone) -> str:
        """Enough to recognise, too little to dial."""
        return str(phone)


@admin.register(Document)
class DocumentAdmin(OfClientAdmin):
    """What is kept of whom; the content is opened in the client's file, where it is logged."""

    list_display = ("client", "kind", "name", "size", "uploaded_by", "uploaded_at", "voided_at")
    list_filter = ("kind", "uploaded_at", ("voided_at", admin.EmptyFieldListFilter))
    list_select_related = ("client", "uploaded_by")


@admin.register(HandOver)
class HandOverAdmin(OfOwnBranchesAdmin):
    """Hand-overs with who asked and who decided."""

    branch_path = "origin__branch"
    list_display = ("origin", "effective_on", "state", "rule", "asked_by", "decided_by", "done_at")
    list_filter = ("state", "effective_on", "departing")
    list_select_related = ("origin", "asked_by", "decided_by")
    search_fields = ("=origin__full_name", "reason")
    ordering = ("-id",)


@admin.register(HandOverItem)
class HandOverItemAdmin(OfClientAdmin):
    """Who got which client."""

    list_display = ("client", "hand_over", "receiver", "state")
    list_filter = ("state",)
    list_select_related = ("client", "hand_over__origin", "receiver")


@admin.register(ClientMerge)
class ClientMergeAdmin(ReadOnlyAdmin):
    """Which record went into which, by whom, and what was undone."""

    seen_with = "survivor"
    list_display = ("at", "merged", "survivor", "employee", "undone_at")
    list_filter = ("at", ("undone_at", admin.EmptyFieldListFilter))
    list_select_related = ("merged", "survivor", "employee")
    search_fields = ("=survivor__name", "=merged__name")
    ordering = ("-id",)
    fields = ("at", "merged", "survivor", "employee", "undone_at")


@admin.register(NotDuplicate)
class NotDuplicateAdmin(ReadOnlyAdmin):
    """Pairs that somebody found to be two."""

    seen_with = "first"
    list_display = ("at", "first", "second", "reason", "employee")
    list_filter = ("at",)
    list_select_related = ("first", "second", "employee")
    search_fields = ("=first__name", "=second__name")
    ordering = ("-id",)
