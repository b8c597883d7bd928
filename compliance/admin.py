"""Administration of compliance: everything to look at, within the scope of its pages."""

from __future__ import annotations

from django.contrib import admin

from compliance.models import (
    CaseStep,
    ExceptionCase,
    ReturnVisit,
    ReturnVisitor,
    ReturnVisitStep,
    YearEnd,
    YearEndClient,
)
from crm.admin_base import ReadOnlyAdmin


@admin.register(ReturnVisitor)
class ReturnVisitorAdmin(ReadOnlyAdmin):
    """Who is named to make return visits; compliance names them on its own page."""

    list_display = ("employee", "branch", "valid_from", "valid_to", "named_by")
    list_filter = (("valid_to", admin.EmptyFieldListFilter),)
    list_select_related = ("employee", "branch", "named_by")
    search_fields = ("employee__full_name", "employee__username")
    ordering = ("-id",)


@admin.register(ReturnVisit)
class ReturnVisitAdmin(ReadOnlyAdmin):
    """Return visits, never shown to whoever serves or won the client."""

    list_display = ("callback", "reason", "visited_by", "visited_on", "reviewed_by", "is_returned")
    list_filter = ("reason", "visited_on", ("reviewed_by", admin.EmptyFieldListFilter))
    list_select_related = ("callback__client", "visited_by", "reviewed_by")
    search_fields = ("=callback__client__name",)
    ordering = ("-id",)


@admin.register(ReturnVisitStep)
class ReturnVisitStepAdmin(ReadOnlyAdmin):
    """What happened to return visits."""

    seen_with = "return_visit"
    list_display = ("at", "return_visit", "action", "words", "employee")
    list_filter = ("action", "at")
    list_select_related = ("return_visit__callback__client", "employee")
    ordering = ("-id",)


@admin.register(ExceptionCase)
class ExceptionCaseAdmin(ReadOnlyAdmin):
    """Exception cases, never shown to whom they are about."""

    list_display = ("opened_at", "client", "concerned", "state", "closed_by", "closed_at")
    list_filter = ("state", "opened_at")
    list_select_related = ("client", "concerned", "closed_by")
    search_fields = ("=client__name",)
    ordering = ("-id",)


@admin.register(CaseStep)
class CaseStepAdmin(ReadOnlyAdmin):
    """What was done about exception cases."""

    seen_with = "case"
    list_display = ("at", "case", "action", "employee")
    list_filter = ("action", "at")
    list_select_related = ("case__client", "employee")
    ordering = ("-id",)


@admin.register(YearEnd)
class YearEndAdmin(ReadOnlyAdmin):
    """Years whose clients are frozen."""

    list_display = ("year", "made_at")


@admin.register(YearEndClient)
class YearEndClientAdmin(ReadOnlyAdmin):
    """Clients of a year's end."""

    list_display = ("year_end", "client", "branch", "left_out")
    list_filter = ("year_end", "left_out")
    list_select_related = ("year_end", "client", "branch")
    search_fields = ("=client__name",)
    ordering = ("-id",)
