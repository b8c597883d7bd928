"""Administration of absences."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from staff.models import Absence
from staff.scoped_admin import OfOwnBranchesAdmin


@admin.register(Absence)
class AbsenceAdmin(OfOwnBranchesAdmin):
    """Who is away; entered and taken back on the product's own page, which plans anew."""

    task = "people"
    place = 30
    about = _("Who is away, from when to when, and who stands in.")
    list_display = ("employee", "starts_on", "ends_on", "substitute", "reason", "cancelled_at")
    list_filter = ("starts_on",)
    list_select_related = ("employee", "substitute")
    search_fields = ("employee__full_name", "substitute__full_name", "reason")
    ordering = ("-starts_on", "-id")
    fields = (
        "employee",
        "starts_on",
        "ends_on",
        "substitute",
        "reason",
        "entered_by",
        "entered_at",
        "cancelled_at",
    )
