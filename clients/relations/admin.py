"""Administration of households and contact persons: to look at only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clients.models import (
    ContactPerson,
    ContactPhone,
    Household,
    Membership,
)
from clients.scoped_admin import OfClientAdmin
from crm.admin_base import ReadOnlyAdmin


@admin.register(Household)
class HouseholdAdmin(ReadOnlyAdmin):
    """Families, by their head."""

    task = "records"
    place = 20
    about = _("Families and firms whose clients belong together.")
    seen_with = "head"
    list_display = ("head", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("head",)
    search_fields = ("=head__name",)
    ordering = ("-id",)


@admin.register(Membership)
class MembershipAdmin(OfClientAdmin):
    """Members of households, by period."""

    task = "records"
    place = 21
    about = _("Which client belongs to which household.")
    list_display = ("client", "relation", "household", "valid_from", "valid_to")
    list_filter = ("relation", ("valid_to", admin.EmptyFieldListFilter))
    list_select_related = ("client", "household__head")


@admin.register(ContactPerson)
class ContactPersonAdmin(OfClientAdmin):
    """Contact persons who are not clients."""

    task = "records"
    place = 18
    about = _("People who speak for a client.")
    list_display = ("client", "name", "role", "position", "valid_from", "valid_to")
    list_filter = ("role", ("valid_to", admin.EmptyFieldListFilter))


@admin.register(ContactPhone)
class ContactPhoneAdmin(ReadOnlyAdmin):
    """Their numbers, masked."""

    task = "records"
    place = 19
    about = _("Phone numbers of contact persons, masked.")
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
