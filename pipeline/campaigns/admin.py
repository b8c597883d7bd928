"""Administration of channels, campaigns, leads and referrals."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from crm.admin_base import ReadOnlyAdmin, ScopedRelatedFilter
from pipeline.models import Campaign, Channel, ChannelEntry, Invitation, Lead, Thanks
from staff.scoped_admin import BranchOwnedAdmin, ScopeFilter

WHOLE_NAME = _("The whole name of the client.")


@admin.register(Channel)
class ChannelAdmin(BranchOwnedAdmin):
    """Where prospects are won: the firm's and those of branches."""

    task = "reference"
    place = 20
    about = _("Where prospects are won: banks, communities, campaigns, referrals.")
    list_display = ("name", "kind", "branch", "partner", "is_active")
    list_filter = (ScopeFilter, "kind", "is_active")
    list_select_related = ("branch",)
    search_fields = ("name", "partner")
    ordering = ("name", "id")


@admin.register(ChannelEntry)
class ChannelEntryAdmin(ReadOnlyAdmin):
    """Work in channels, entered and corrected by employees."""

    task = "records"
    place = 63
    about = _("Work in channels: visits, leaflets, cost.")
    list_display = ("on", "channel", "employee", "visits", "leaflets", "cost")
    list_filter = ("on", ("channel", ScopedRelatedFilter))
    list_select_related = ("channel", "employee")
    ordering = ("-on", "-id")


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    """Campaigns; heads plan and close them in the product."""

    task = "records"
    place = 61
    about = _("Campaigns with date, place and cost.")
    list_display = ("name", "kind", "state", "branch", "starts_at", "capacity", "cost")
    list_filter = ("state", "kind", "starts_at")
    list_select_related = ("branch",)
    search_fields = ("name",)
    ordering = ("-starts_at", "-id")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Who is on which list."""

    task = "records"
    place = 62
    about = _("Who was invited to a campaign and who came.")
    list_display = ("campaign", "client", "reply", "checked_in_at", "invited_by")
    list_filter = ("reply", ("campaign", ScopedRelatedFilter))
    list_select_related = ("campaign", "client", "invited_by")
    search_fields = ("=client__name",)
    search_help_text = WHOLE_NAME
    ordering = ("-id",)


@admin.register(Lead)
class LeadAdmin(ReadOnlyAdmin):
    """Origins of clients."""

    task = "records"
    place = 60
    about = _("How prospects came to us.")
    list_display = ("on", "client", "via", "channel", "campaign", "employee")
    list_filter = ("via", "on", ("channel", ScopedRelatedFilter))
    list_select_related = ("client", "channel", "campaign", "employee")
    search_fields = ("=client__name",)
    search_help_text = WHOLE_NAME
    ordering = ("-id",)


@admin.register(Thanks)
class ThanksAdmin(ReadOnlyAdmin):
    """Thanks for referrals."""

    task = "records"
    place = 64
    about = _("How clients who referred others were thanked.")
    list_display = ("on", "referrer", "referred", "how", "employee")
    list_filter = ("how", "on")
    list_select_related = ("referrer", "referred", "employee")
    search_fields = ("=referrer__name", "=referred__name")
    search_help_text = WHOLE_NAME
    ordering = ("-id",)
