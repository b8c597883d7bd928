"""Administration of clients: to look at, masked, within the scope; services change them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clients.models import (
    Assignment,
    Client,
    Identity,
    Phone,
    RiskAssessment,
)
from clients.scoped_admin import OfClientAdmin
from clients.search import matching
from crm.admin_base import ReadOnlyAdmin, ReadOnlyInline, Rows, ScopedRelatedFilter, name_fields

name_fields(
    Client,
    merged_into=_("merged into"),
    created_at=_("recorded at"),
    updated_at=_("changed at"),
)


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

    task = "records"
    place = 10
    about = _("Clients and prospects with their profile, masked.")
    list_display = ("name", "kind", "lifecycle", "segment", "branch", "manager", "last_contact_on")
    list_filter = (
        "lifecycle",
        "kind",
        "income_level",
        "investment_size",
        "investment_style",
        "commission_tier",
        "risk_grade",
        "source",
        "segment_pinned",
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
                    "income_level",
                    "investment_size",
                    "investment_style",
                    "commission_tier",
                    "risk_grade",
                    "risk_expires_on",
                )
            },
        ),
        (
            _("Service"),
            {
                "fields": (
                    "branch",
                    "manager",
                    "segment",
                    "segment_since",
                    "segment_pinned",
                    "segment_reason",
                    "segment_pinned_until",
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
                    "opened_on",
                    "recorded_on",
                    "last_contact_on",
                    "source",
                    "source_system",
                    "source_key",
                    "merged_into",
                    "created_at",
                    "updated_at",
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

    task = "records"
    place = 12
    about = _("Phone numbers of clients, masked.")
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

    task = "records"
    place = 13
    about = _("Identity papers of clients, masked, with their expiry.")
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

    task = "records"
    place = 15
    about = _("Results of risk assessments and when they expire.")
    list_display = ("client", "grade", "assessed_on", "expires_on", "source")
    list_filter = ("grade", "assessed_on", "expires_on")


@admin.register(Assignment)
class AssignmentAdmin(OfClientAdmin):
    """Who served and who won which client, from when to when."""

    task = "records"
    place = 14
    about = _("Who served and who won which client, from when to when.")
    list_display = ("client", "employee", "kind", "valid_from", "valid_to", "reason")
    list_filter = ("kind", ("valid_to", admin.EmptyFieldListFilter), "valid_from")
    list_select_related = ("client", "employee")
    search_fields = ("=client__name", "=employee__full_name", "=employee__username")
    search_help_text = _("The whole name of the client or the employee.")
