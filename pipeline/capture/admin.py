"""Administration of the public form and of statistics of purges."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.admin_base import FirmAdmin, ReadOnlyAdmin
from crm.trading_days import today
from pipeline.models import (
    CaptureEntry,
    CaptureLink,
    PrivacyNotice,
    PurgedStatistic,
    PurgeRun,
    RetentionHold,
)
from staff.scoped_admin import OfOwnBranchesAdmin


@admin.register(CaptureLink)
class CaptureLinkAdmin(OfOwnBranchesAdmin):
    """QR codes by employee; secrets are never shown."""

    task = "records"
    place = 65
    about = _("QR codes of employees for the public form.")
    list_display = ("employee", "channel", "campaign", "valid_until", "revoked_at", "created_at")
    list_filter = ("valid_until", "revoked_at")
    list_select_related = ("employee", "channel", "campaign")
    fields = ("employee", "channel", "campaign", "valid_until", "revoked_at", "created_at")
    search_fields = ("=employee__full_name", "=employee__username")


@admin.register(CaptureEntry)
class CaptureEntryAdmin(ReadOnlyAdmin):
    """Submitted public forms: the proof of consent."""

    task = "records"
    place = 66
    about = _("Forms that prospects sent: the proof of their consent.")
    list_display = ("at", "client", "link", "notice", "known")
    list_filter = ("at", "known")
    list_select_related = ("client", "link__employee", "notice")
    search_fields = ("=client__name",)


@admin.register(RetentionHold)
class RetentionHoldAdmin(ReadOnlyAdmin):
    """Who must not be purged, and why."""

    task = "audit"
    place = 80
    about = _("Prospects that must not be purged, and why.")
    list_display = ("client", "reason", "placed_by", "placed_on", "lifted_by", "lifted_on")
    list_filter = ("placed_on", "lifted_on")
    list_select_related = ("client", "placed_by", "lifted_by")
    search_fields = ("=client__name",)


@admin.register(PrivacyNotice)
class PrivacyNoticeAdmin(FirmAdmin):
    """Consent texts of the public form. Versions are immutable: add a new one."""

    task = "rules"
    place = 70
    about = _("Consent texts of the public form, in versions.")
    list_display = ("version", "valid_from", "text_zh")
    search_fields = ("text_zh", "text_en")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The next number, from today."""
        last = PrivacyNotice.objects.order_by("-version").first()
        return {"version": last.version + 1 if last else 1, "valid_from": today()}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Always False: the row is proof of consent."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(PurgedStatistic)
class PurgedStatisticAdmin(OfOwnBranchesAdmin):
    """Statistics of purged prospects."""

    task = "audit"
    place = 82
    about = _("What is left of purged prospects: counts.")
    branch_path = "branch"
    list_display = ("month", "branch", "source", "prospect_type", "stage", "lost_reason", "count")
    list_filter = ("month", "source", "prospect_type")
    list_select_related = ("branch", "stage", "lost_reason")


@admin.register(PurgeRun)
class PurgeRunAdmin(ReadOnlyAdmin):
    """Every purge, in counts."""

    task = "runs"
    place = 60
    about = _("Purges of prospects past their retention, in counts.")
    list_display = ("on", "purged", "kept", "at")
    list_filter = ("on",)
