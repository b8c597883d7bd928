"""The manager and the branch that stand in the address of a page, within the scope of its viewer."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django_filters import ModelChoiceFilter

from crm.query_filters import NO_CHOICE, KeyFilter, QueryFilter, Rows
from staff.branches import BranchName, branch_names
from staff.models import OWNERS, Branch, Employee

# A list of more names helps nobody.
MOST_OFFERED = 60


class ScopeFilter(QueryFilter):
    """What a head, compliance or head office may narrow a page to; the choices keep to the scope.

    A key outside the scope raises Http404, as the rows behind it would.
    """

    viewer: Employee
    manager = KeyFilter("", label=_("Manager"))
    branch = KeyFilter("", label=_("Branch"))
    _listed: list[Employee] | None = None

    def check(self) -> None:
        _found_or_404 = self.chosen_branch, self.chosen_manager

    def filter_queryset(self, queryset: Rows) -> Rows:
        return self.narrow_scope(super().filter_queryset(queryset), "manager", "branch")

    def narrow_scope(self, rows: Rows, manager: str, branch: str) -> Rows:
        """Rows of the chosen people; ``manager`` and ``branch`` are paths to those columns."""
        if not self.is_valid():
            return rows.none()
        if self.chosen_manager is not None:
            rows = rows.filter(**{manager: self.chosen_manager})
        if self.chosen_branch is not None:
            rows = rows.filter(**{f"{branch}__path__startswith": self.chosen_branch.path})
        return rows

    @cached_property
    def branches(self) -> list[BranchName]:
        """Branches to choose from, parents before children; none where there is only one."""
        scope = self.viewer.branch_scope
        if scope is not None and len(scope) < 2:
            return []
        rows = Branch.objects.filter(is_active=True)
        if scope is not None:
            rows = rows.filter(pk__in=scope)
        return branch_names(rows.order_by("path"))

    @property
    def branches_offered(self) -> list[tuple[int, str]]:
        """Their keys and names."""
        return [(row.pk, row.name) for row in self.branches]

    @cached_property
    def chosen_branch(self) -> Branch | BranchName | None:
        """The chosen branch; its whole subtree is meant."""
        key = self.values.get("branch")
        if key is None:
            return None
        if self.viewer.branch_scope == [key] and self.viewer.branch is not None:
            return self.viewer.branch
        for row in self.branches:
            if row.pk == key:
                return row
        raise Http404(NO_CHOICE)

    def _managers(self) -> QuerySet[Employee]:
        """Employees who may own clients, in the chosen branch or the whole scope."""
        scope = self.viewer.branch_scope
        rows = Employee.objects.filter(is_active=True, role__in=OWNERS)
        if scope is not None:
            rows = rows.filter(branch__in=scope)
        if self.chosen_branch is not None:
            rows = rows.filter(branch__path__startswith=self.chosen_branch.path)
        return rows.order_by("full_name", "pk").only("pk", "full_name", "username")

    @property
    def managers(self) -> list[Employee]:
        """All of them; none for whoever has a book of their own."""
        if self._listed is None:
            self._listed = list(self._managers()) if self.viewer.branch_scope != [] else []
        return self._listed

    @cached_property
    def managers_offered(self) -> list[tuple[int, str]]:
        """Keys and names to choose from; where there are too many, a branch is chosen first."""
        if self.viewer.branch_scope == []:
            return []
        if self._listed is not None:  # a dashboard has read them before
            offered = [(row.pk, str(row)) for row in self._listed]
        else:
            rows = self._managers().values_list("pk", "full_name", "username")
            few = rows if self.chosen_branch or not self.branches else rows[: MOST_OFFERED + 1]
            offered = [(pk, name or username) for pk, name, username in few]
        if len(offered) > MOST_OFFERED and self.branches and not self.chosen_branch:
            one = self.chosen_manager
            return [(one.pk, str(one))] if one else []
        return offered

    @cached_property
    def chosen_manager(self) -> Employee | None:
        """The chosen person; None also for ``none``, where a list has that."""
        key = self.values.get("manager")
        if not isinstance(key, int):
            return None
        if key == self.viewer.pk:
            return self.viewer
        people = self._managers().filter(pk=key) if self.viewer.branch_scope != [] else []
        for row in people:
            return row
        raise Http404(NO_CHOICE)


class BranchFilter(QueryFilter):
    """A branch within the viewer's scope, hidden where there is only one to choose from."""

    branch = ModelChoiceFilter(
        queryset=Branch.objects.filter(is_active=True).order_by("path"),
        label=_("Branch"),
        empty_label=_("All branches"),
    )
    # Path to the branch from the rows of the list.
    path: ClassVar[str] = "branch"

    def offer(self, name: str, field: Any) -> None:
        scope = self.viewer.branch_scope
        if name == "branch" and scope is not None:
            field.queryset = field.queryset.filter(pk__in=scope)
            if len(scope) < 2:
                field.widget = forms.HiddenInput()

    def filter_branch(self, rows: Rows, branch: Branch) -> Rows:
        return rows.filter(**{f"{self.path}__path__startswith": branch.path})
