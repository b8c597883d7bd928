"""Administration of frozen year ends: to look at only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from compliance.models import (
    YearEnd,
    YearEndClient,
)
from crm.admin_base import ReadOnlyAdmin


@admin.register(YearEnd)
class YearEndAdmin(ReadOnlyAdmin):
    """Years whose clients are frozen."""

    task = "runs"
    place = 70
    about = _("Years whose clients are frozen as the base of the yearly return visits.")
    list_display = ("year", "made_at")


@admin.register(YearEndClient)
class YearEndClientAdmin(ReadOnlyAdmin):
    """Clients of a year's end."""

    task = "records"
    place = 74
    about = _("Clients of a frozen year's end.")
    list_display = ("year_end", "client", "branch", "left_out")
    list_filter = ("year_end", "left_out")
    list_select_related = ("year_end", "client", "branch")
    search_fields = ("=client__name",)
    ordering = ("-id",)
