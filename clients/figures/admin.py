"""Administration of accounts and figures: to look at, masked, within the scope."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clients.models import (
    DerivedProfile,
    FigureDifference,
    FigureImport,
    FundAccount,
    MonthlyFigure,
)
from clients.models.account import Market
from crm.admin_base import ReadOnlyAdmin, name_fields
from crm.admin_history import LISTS
from crm.localized import listed

LISTS["markets"] = dict(Market.choices)
name_fields(FigureImport, job=_("job"))


@admin.register(FundAccount)
class FundAccountAdmin(ReadOnlyAdmin):
    """Accounts, masked."""

    task = "records"
    place = 30
    about = _("Accounts of clients, masked, with commission rate.")
    list_display = ("client", "masked", "opened_on", "closed_on", "commission_rate", "source")
    list_filter = ("opened_on", ("closed_on", admin.EmptyFieldListFilter))
    list_select_related: ClassVar[Any] = ("client",)
    search_fields: ClassVar[Any] = ("=client__name",)
    search_help_text = _("The whole name of the client.")
    ordering: ClassVar[Any] = ("-id",)
    fields = (
        "client",
        "masked",
        "where",
        "permissions",
        "opened_on",
        "commission_rate",
        "closed_on",
        "source",
    )
    readonly_fields = ("masked", "where")

    @admin.display(description=_("markets"))
    def where(self, account: FundAccount) -> str:
        """Where it may trade, in words."""
        return listed(Market(market).label for market in account.markets)

    @admin.display(description=_("number"))
    def masked(self, account: FundAccount) -> str:
        """The last four alone."""
        return account.masked


@admin.register(MonthlyFigure)
class MonthlyFigureAdmin(ReadOnlyAdmin):
    """Figures of the back office by month."""

    task = "records"
    place = 31
    about = _("Assets and turnover of accounts by month.")
    list_display = ("account", "month", "assets", "turnover", "trades", "as_of", "source")
    list_select_related: ClassVar[Any] = ("account",)
    search_fields: ClassVar[Any] = ("=account__client__name",)
    search_help_text = _("The whole name of the client.")
    ordering: ClassVar[Any] = ("-id",)


@admin.register(DerivedProfile)
class DerivedProfileAdmin(ReadOnlyAdmin):
    """Derived profiles, and the values that they replaced."""

    task = "records"
    place = 32
    about = _("Profiles derived from figures, and what they replaced.")
    list_display = (
        "client",
        "as_of",
        "investment_size",
        "investment_style",
        "commission_tier",
        "activity",
    )
    list_filter = ("investment_size", "investment_style", "commission_tier", "activity")
    list_select_related: ClassVar[Any] = ("client",)
    search_fields: ClassVar[Any] = ("=client__name",)
    search_help_text = _("The whole name of the client.")
    ordering: ClassVar[Any] = ("-client",)


@admin.register(FigureImport)
class FigureImportAdmin(ReadOnlyAdmin):
    """Heads of the reconciliation reports."""

    task = "runs"
    place = 30
    about = _("Files of monthly figures with what they changed.")
    list_display = ("at", "file_name", "by", "branch", "dry_run", "rows", "created", "updated")
    list_filter = ("dry_run", "at")
    list_select_related: ClassVar[Any] = ("by", "branch")
    ordering: ClassVar[Any] = ("-id",)


@admin.register(FigureDifference)
class FigureDifferenceAdmin(ReadOnlyAdmin):
    """Lines of the reconciliation reports."""

    task = "runs"
    place = 32
    about = _("Lines of the figures that differ from what was there.")
    seen_with = "report"
    list_display = ("report", "kind", "line", "account", "month", "field", "before", "after")
    list_filter = ("kind",)
    list_select_related: ClassVar[Any] = ("report", "account")
    ordering: ClassVar[Any] = ("-id",)
