"""Administration of who makes return visits."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from compliance.models import (
    ReturnVisitor,
)
from crm.admin_base import ReadOnlyAdmin


@admin.register(ReturnVisitor)
class ReturnVisitorAdmin(ReadOnlyAdmin):
    """Who is named to make return visits; compliance names them on its own page."""

    task = "people"
    place = 40
    about = _("Who makes compliance return visits, and for which branch.")
    list_display = ("employee", "branch", "valid_from", "valid_to", "named_by")
    list_filter = (("valid_to", admin.EmptyFieldListFilter),)
    list_select_related = ("employee", "branch", "named_by")
    search_fields = ("employee__full_name", "employee__username")
    ordering = ("-id",)
