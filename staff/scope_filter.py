"""Whose opportunities: the manager and the branch that stand in the address of a page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from staff.branches import BranchName, branch_names
from staff.models import OWNERS, Branch, Employee

# A list of more names helps nobody.
MOST_OFFERED = 60

Rows = TypeVar("Rows", bound=QuerySet[Any])


@dataclass
class Whose:
    """What a head, compliance or head office may narrow a page to; the choices keep to the scope.

    A value that is malformed or outside the scope answers 404, as the rows behind it would.
    """

    viewer: Employee
    query: QueryDict
    # Whether ``manager=none`` is understood by the page.
    unserved: bool = False

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
    def branch(self) -> Branch | BranchName | None:
        """The chosen branch; its whole subtree is meant."""
        key = _number(self.query.get("branch", ""))
        if key is None:
            return None
        if self.viewer.branch_scope == [key] and self.viewer.branch is not None:
            return self.viewer.branch
        found: BranchName = _find(self.branches, key)
        return found

    def _managers(self) -> QuerySet[Employee]:
        """Employees who may own clients, in the chosen branch or the whole scope."""
        scope = self.viewer.branch_scope
        rows = Employee.objects.filter(is_active=True, role__in=OWNERS)
        if scope is not None:
            rows = rows.filter(branch__in=scope)
        if self.branch is not None:
            rows = rows.filter(branch__path__startswith=self.branch.path)
        return rows.order_by("full_name", "pk").only("pk", "full_name", "username")

    @cached_property
    def managers(self) -> list[Employee]:
        """All of them; none for whoever has a book of their own."""
        return list(self._managers()) if self.viewer.branch_scope != [] else []

    @cached_property
    def offered(self) -> list[tuple[int, str]]:
        """Keys and names to choose from; where there are too many, a branch is chosen first."""
        if self.viewer.branch_scope == []:
            return []
        if "managers" in self.__dict__:  # a dashboard has read them before
            found = [(row.pk, str(row)) for row in self.managers]
        else:
            rows = self._managers().values_list("pk", "full_name", "username")
            listed = rows if self.branch or not self.branches else rows[: MOST_OFFERED + 1]
            found = [(pk, name or username) for pk, name, username in listed]
        if len(found) > MOST_OFFERED and self.branches and not self.branch:
            return [(self.manager.pk, str(self.manager))] if self.manager else []
        return found

    @cached_property
    def manager(self) -> Employee | None:
        text = self.query.get("manager", "")
        # Nobody's clients are a filter of the pipeline's own (pipeline/board/filters.py).
        key = None if self.unserved and text == "none" else _number(text)
        if key is None:
            return None
        if key == self.viewer.pk:
            return self.viewer
        found = self._managers().filter(pk=key).first() if self.viewer.branch_scope != [] else None
        if found is None:
            raise Http404(_("No such choice. Go back to the page and choose from its list."))
        return found

    def narrow(self, rows: Rows, manager: str, branch: str) -> Rows:
        """Rows of the chosen people; ``manager`` and ``branch`` are paths to those columns."""
        if self.manager is not None:
            rows = rows.filter(**{manager: self.manager})
        if self.branch is not None:
            rows = rows.filter(**{f"{branch}__path__startswith": self.branch.path})
        return rows

    @property
    def parameters(self) -> dict[str, int]:
        """What a link to another page carries on."""
        chosen = {"manager": self.manager, "branch": self.branch}
        return {name: row.pk for name, row in chosen.items() if row is not None}


def _number(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Http404(_("No such choice. Go back to the page and choose from its list."))
    return int(text)


def _find(choices: list[Any], key: int) -> Any:
    for row in choices:
        if row.pk == key:
            return row
    raise Http404(_("No such choice. Go back to the page and choose from its list."))
