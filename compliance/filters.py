"""Filters of the lists of compliance; every one stands in the address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.coverage.reached import covered_in
from compliance.models import ExceptionCase, ReturnVisit, YearEndClient
from compliance.querysets import looks_after
from crm.forms import offer
from staff.models import Branch, Employee

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
YEARS = (2000, 2100)


class _Filter(forms.Form):
    branch = forms.ModelChoiceField(
        Branch.objects.none(), required=False, label=_("Branch"), empty_label=_("All branches")
    )

    def __init__(self, data: Any, viewer: Employee) -> None:
        super().__init__(data)
        self.viewer = viewer
        scope = viewer.branch_scope
        rows = Branch.objects.filter(is_active=True).order_by("path")
        if scope is not None:
            rows = rows.filter(pk__in=scope)
        offer(self.fields["branch"], rows)
        if not looks_after(viewer) or (scope is not None and len(scope) < 2):
            self.fields["branch"].widget = forms.HiddenInput()
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"

    def _of_branch(self, rows: QuerySet[Any], path: str) -> QuerySet[Any]:
        branch = self.cleaned_data.get("branch")
        return rows.filter(**{f"{path}__path__startswith": branch.path}) if branch else rows


class ReturnVisitFilter(_Filter):
    """Return visits by state, reason, branch, year; ``mine`` are those that one is to make."""

    status = forms.ChoiceField(choices=STATES, required=False, label=_("Status"))
    reason = forms.ChoiceField(
        choices=[("", _("All reasons")), *ReturnVisit.Reason.choices],
        required=False,
        label=_("Reason"),
    )
    year = forms.IntegerField(
        required=False, min_value=YEARS[0], max_value=YEARS[1], widget=forms.HiddenInput
    )
    mine = forms.BooleanField(required=False, widget=forms.HiddenInput)
    # Figures of one branch are without those below it.
    exact = forms.BooleanField(required=False, widget=forms.HiddenInput)
    field_order = ["status", "reason", "branch"]

    def rows(self, rows: QuerySet[ReturnVisit]) -> QuerySet[ReturnVisit]:
        """Those asked for; none where the question makes no sense."""
        if not self.is_valid():
            return rows.none()
        found = self.cleaned_data
        state = found["status"] or "open"
        if state != "all":
            rows = rows.in_state(state)  # type: ignore[attr-defined]
        if found["mine"]:
            rows = rows.filter(callback__employee=self.viewer)
        if found["reason"]:
            rows = rows.filter(reason=found["reason"])
        if found["year"]:
            # The year of what happened: a new account of December is December's.
            rows = rows.filter(callback__anchor_on__year=found["year"])
        if found["exact"] and found["branch"]:
            return rows.filter(callback__client__branch=found["branch"])
        return self._of_branch(rows, "callback__client__branch")


class CaseFilter(_Filter):
    """Exception cases by state and branch."""

    status = forms.ChoiceField(
        choices=[("", _("Not closed")), *ExceptionCase.State.choices, ("all", _("All"))],
        required=False,
        label=_("State"),
    )
    field_order = ["status", "branch"]

    def rows(self, rows: QuerySet[ExceptionCase]) -> QuerySet[ExceptionCase]:
        """Those asked for; without a choice those that are not closed."""
        if not self.is_valid():
            return rows.none()
        state = self.cleaned_data["status"]
        if not state:
            rows = rows.exclude(state=ExceptionCase.State.CLOSED)
        elif state != "all":
            rows = rows.filter(state=state)
        return self._of_branch(rows, "client__branch")


SHARES = [
    ("counted", _("Count for coverage")),
    ("covered", _("Visited and reviewed")),
    ("uncovered", _("Not visited and reviewed yet")),
    ("dormant", _("Left out: dormant")),
    ("suspended", _("Left out: no open account")),
]


class YearEndFilter(_Filter):
    """Clients of a year's end by branch of then, and by what became of them in the year after."""

    share = forms.ChoiceField(choices=SHARES, required=False, label=_("Clients"))
    field_order = ["share", "branch"]

    def rows(self, rows: QuerySet[YearEndClient], year: int) -> QuerySet[YearEndClient]:
        """The clients that a figure of the year's coverage counts."""
        if not self.is_valid():
            return rows.none()
        branch, share = self.cleaned_data["branch"], self.cleaned_data["share"] or "counted"
        if branch:
            rows = rows.filter(branch=branch)
        if share in YearEndClient.Left.values:
            return rows.filter(left_out=share)
        rows = rows.filter(left_out="")
        if share == "counted":
            return rows
        covered = covered_in(year)
        inside = Q(client__in=covered) | Q(client__merged_into__in=covered)
        return rows.filter(inside) if share == "covered" else rows.exclude(inside)
