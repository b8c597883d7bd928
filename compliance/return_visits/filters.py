"""Filters of the list of return visits; every one stands in the address."""

from __future__ import annotations

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.coverage.filters import YEARS
from compliance.models import ReturnVisit
from crm.query_filters import ChoiceFilter, IntegerFilter, Rows
from staff.models import Branch
from staff.scope_filter import BranchFilter

STATES = [
    ("open", pgettext_lazy("callback", "Open")),
    ("late", _("Overdue")),
    ("unassigned", _("Nobody to act")),
    ("returned", _("Returned")),
    ("to_review", _("To be reviewed")),
    ("accepted", _("Accepted")),
    ("closed", _("Closed without a visit")),
    ("all", _("All")),
]


class ReturnVisitFilter(BranchFilter):
    """Return visits by state, reason, branch, year; ``mine`` are those that one is to make."""

    path = "callback__client__branch"
    status = ChoiceFilter("", choices=STATES, every=None, label=_("Status"))
    reason = ChoiceFilter(
        "", choices=ReturnVisit.Reason.choices, every=_("All reasons"), label=_("Reason")
    )
    # The year of what happened: a new account of December is December's.
    year = IntegerFilter(
        "callback__anchor_on__year",
        label=_("Year"),
        min_value=YEARS[0],
        max_value=YEARS[1],
        widget=forms.HiddenInput,
    )
    mine = ChoiceFilter(choices=[("1", "1")], label=_("Given to me"), widget=forms.HiddenInput)
    # Figures of one branch are without those below it.
    exact = ChoiceFilter(
        "", choices=[("1", "1")], label=_("This branch alone"), widget=forms.HiddenInput
    )
    order = ("status", "reason", "branch")

    def filter_queryset(self, queryset: Rows) -> Rows:
        rows = super().filter_queryset(queryset)
        state = self.values.get("status") or "open"
        return rows if state == "all" else rows.in_state(state)  # type: ignore[attr-defined]

    def filter_reason(self, rows: Rows, reason: str) -> Rows:
        """Contacts with that reason among theirs."""
        joined = rows.filter(callback__joined__return_visit__reason=reason).values("pk")
        return rows.filter(Q(reason=reason) | Q(pk__in=joined))

    def filter_mine(self, rows: Rows, _one: str) -> Rows:
        return rows.filter(callback__employee=self.viewer)

    def filter_branch(self, rows: Rows, branch: Branch) -> Rows:
        if self.values.get("exact"):
            return rows.filter(callback__client__branch=branch)
        return super().filter_branch(rows, branch)
