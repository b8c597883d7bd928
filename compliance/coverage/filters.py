"""Filters of the clients behind the coverage of a year."""

from __future__ import annotations

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from compliance.coverage.reached import covered_in
from compliance.models import YearEndClient
from crm.query_filters import ChoiceFilter, Rows
from staff.models import Branch
from staff.scope_filter import BranchFilter

YEARS = (2000, 2100)
SHARES = [
    ("counted", _("Count for coverage")),
    ("covered", _("Visited and reviewed")),
    ("uncovered", _("Not visited and reviewed yet")),
    ("dormant", _("Left out: dormant")),
    ("suspended", _("Left out: no open account")),
]
OPENED = [
    ("opened", _("Opened in the year")),
    ("accepted", _("Visited and reviewed")),
    ("breach", _("Not visited within the time")),
]


class YearEndFilter(BranchFilter):
    """Clients of a year's end by branch of then, and by what became of them in the year after."""

    share = ChoiceFilter("", choices=SHARES, every=None, label=_("Clients"))
    order = ("share", "branch")

    def filter_branch(self, rows: Rows, branch: Branch) -> Rows:
        return rows.filter(branch=branch)

    def of_year(self, rows: QuerySet[YearEndClient], year: int) -> QuerySet[YearEndClient]:
        """The clients that a figure of the coverage of ``year`` counts."""
        if not self.is_valid():
            return rows.none()
        rows, share = self.filter_queryset(rows), self.values.get("share") or "counted"
        if share in YearEndClient.Left.values:
            return rows.filter(left_out=share)
        rows = rows.filter(left_out="")
        if share == "counted":
            return rows
        covered = covered_in(year)
        inside = Q(client__in=covered) | Q(client__merged_into__in=covered)
        return rows.filter(inside) if share == "covered" else rows.exclude(inside)


class NewAccountFilter(BranchFilter):
    """Accounts opened in a year, by what became of them."""

    share = ChoiceFilter("", choices=OPENED, every=None, label=_("Accounts"))
    # Figures of one branch are without those below it.
    exact = ChoiceFilter(
        "", choices=[("1", "1")], label=_("This branch alone"), widget=forms.HiddenInput
    )
    order = ("share", "branch")

    def filter_branch(self, rows: Rows, branch: Branch) -> Rows:
        if self.values.get("exact"):
            return rows.filter(branch=branch)
        return super().filter_branch(rows, branch)
