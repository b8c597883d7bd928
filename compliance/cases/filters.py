"""Filters of the list of exception cases."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from compliance.models import ExceptionCase
from crm.query_filters import ChoiceFilter, Rows
from staff.scope_filter import BranchFilter


class CaseFilter(BranchFilter):
    """Exception cases by state and branch; without a choice those that are not closed."""

    path = "client__branch"
    status = ChoiceFilter(
        "",
        choices=[*ExceptionCase.State.choices, ("all", _("All"))],
        every=_("Not closed"),
        label=_("State"),
    )
    order = ("status", "branch")

    def filter_queryset(self, queryset: Rows) -> Rows:
        rows = super().filter_queryset(queryset)
        state = self.values.get("status")
        if not state:
            return rows.exclude(state=ExceptionCase.State.CLOSED)
        return rows if state == "all" else rows.filter(state=state)
