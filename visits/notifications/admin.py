"""Addresses for reminders and quiet hours in the administration: to look at, never in the clear."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from crm.admin_base import (
    ScopedRelatedFilter,
    name_fields,
)
from staff.scoped_admin import OfOwnBranchesAdmin
from visits.models import (
    Digest,
    Endpoint,
    QuietHours,
    Reminder,
    ReminderRun,
)
from visits.scoped_admin import OfCallbackAdmin, RunAdmin

name_fields(Reminder, endpoint=_("address"))


class OfEmployeeAdmin(OfOwnBranchesAdmin):
    """Rows of the employees in scope."""

    list_select_related = ("employee",)
    search_fields = ("employee__full_name", "employee__username")
    ordering = ("-id",)


@admin.register(Endpoint)
class EndpointAdmin(OfEmployeeAdmin):
    """Addresses of employees for reminders."""

    task = "people"
    place = 70
    about = _("Where employees have reminders sent: robots and mailboxes, never in the clear.")
    list_display = ("employee", "kind", "label", "enabled", "last_ok_at", "last_failed_at")
    list_filter = ("kind", "enabled")
    exclude = ("shown", "ciphertext", "key_id")


@admin.register(QuietHours)
class QuietHoursAdmin(OfEmployeeAdmin):
    """When employees are not to be disturbed."""

    task = "people"
    place = 80
    about = _("Hours in which employees are not reminded.")
    list_display = ("employee", "quiet_from", "quiet_to")


@admin.register(Reminder)
class ReminderAdmin(OfCallbackAdmin):
    """Which callback was reminded of, when, by which channel."""

    task = "records"
    place = 43
    about = _("Which callback was reminded of, when and how.")
    list_display = ("created_at", "callback", "employee", "due_on", "channel", "status")
    list_filter = ("status", "channel", "created_at")
    list_select_related = ("callback__client", "employee")
    search_fields = ("=employee__full_name", "=employee__username", "=callback__client__name")
    ordering = ("-id",)


@admin.register(Digest)
class DigestAdmin(OfOwnBranchesAdmin):
    """Messages of a day, one per employee, slot and channel."""

    task = "runs"
    place = 52
    about = _("Messages of a day to an employee: sent, waiting or failed.")
    list_display = ("day", "slot", "employee", "channel", "status", "attempts", "sent_at", "error")
    list_filter = ("status", "channel", "day")
    list_select_related = ("employee",)
    search_fields = ("employee__full_name", "employee__username")
    date_hierarchy = "day"
    ordering = ("-id",)


@admin.register(ReminderRun)
class ReminderRunAdmin(RunAdmin):
    """Reminding, segment by segment."""

    task = "runs"
    place = 50
    about = _("When which segment was reminded.")
    list_display = ("day", "segment", "slot", "started_at", "finished_at")
    list_filter = (("finished_at", admin.EmptyFieldListFilter), ("segment", ScopedRelatedFilter))
