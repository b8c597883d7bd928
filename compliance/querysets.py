"""Access to return visits and exception cases (docs/access.md).

Both are confidential: never shown to employees who serve or won the client, now or in the past.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from crm import trading_days
from staff.models import Employee, Role
from visits.querysets import owns

if TYPE_CHECKING:
    from compliance.models import (  # noqa: F401
        ExceptionCase,
        ReturnVisit,
        ReturnVisitor,
        YearEndClient,
    )

CLIENT = "callback__client"


def is_officer(employee: Employee) -> bool:
    """Whether they answer for return visits: plan, give out, review, close cases."""
    return employee.is_active and (employee.is_superuser or employee.role == Role.COMPLIANCE)


def looks_after(employee: Employee) -> bool:
    """Whether they see the return visits of a scope: officers and heads."""
    return employee.is_active and employee.branch_scope != []


def _within(employee: Employee, branch: str) -> Q:
    """Rows whose branch, at the path ``branch``, lies in the employee's scope."""
    if not employee.is_authenticated or not employee.is_active:
        return Q(pk__in=[])
    scope = employee.branch_scope
    if scope is None:
        return Q()
    return Q(**{f"{branch}__in": scope}) if scope else Q(pk__in=[])


class ReturnVisitQuerySet(models.QuerySet["ReturnVisit"]):
    def visible_to(self, employee: Employee) -> Self:
        """Return visits in scope or assigned to the employee; never about their own clients."""
        reach = _within(employee, f"{CLIENT}__branch")
        if employee.is_active and employee.makes_return_visits:
            reach |= Q(callback__employee=employee)
        return self.filter(reach).exclude(owns(employee, CLIENT))

    def editable_by(self, employee: Employee) -> Self:
        """Those that one is to make: open and given to oneself."""
        given = Q(callback__employee=employee, callback__status="open")
        return self.visible_to(employee).filter(given)

    def governed_by(self, employee: Employee) -> Self:
        """Return visits that the employee may assign, or close without a visit: officers."""
        rows = self.visible_to(employee)
        return rows if is_officer(employee) else rows.none()

    def reviewable_by(self, employee: Employee) -> Self:
        """Return visits that the employee may review: in scope and made by somebody else."""
        rows = self.in_state("to_review").visible_to(employee)
        return rows.filter(_within(employee, f"{CLIENT}__branch")).exclude(visited_by=employee)

    def in_state(self, state: str) -> Self:
        """Rows in a state of ``ReturnVisit.State``, or ``late``."""
        return self.filter(STATES[state]())

    def contacts(self) -> Self:
        """One row for those of one client and day, which are one contact."""
        return self.filter(callback__merged_into=None)

    def with_names(self) -> Self:
        rows = self.select_related(
            f"{CLIENT}__branch", f"{CLIENT}__segment", "callback__employee", "visited_by"
        )
        return rows.prefetch_related("callback__joined__return_visit")


def _open(**more: Any) -> Q:
    return Q(callback__status="open", **more)


STATES: dict[str, Callable[[], Q]] = {
    "planned": lambda: _open(is_returned=False),
    "returned": lambda: _open(is_returned=True),
    "to_review": lambda: Q(callback__status="done", reviewed_by=None),
    "accepted": lambda: Q(reviewed_by__isnull=False),
    "closed": lambda: Q(callback__status="cancelled"),
    "open": _open,
    "late": lambda: _open(callback__due_on__lt=trading_days.today()),
    "unassigned": lambda: _open(callback__employee=None),
}


class ExceptionCaseQuerySet(models.QuerySet["ExceptionCase"]):
    def visible_to(self, employee: Employee) -> Self:
        """Cases for heads and compliance of the branch; never for the employees concerned."""
        rows = self.filter(_within(employee, "client__branch"))
        return rows.exclude(owns(employee, "client")).exclude(concerned=employee)

    def editable_by(self, employee: Employee) -> Self:
        """The same people look into a case; only officers close it."""
        return self.visible_to(employee)


class YearEndClientQuerySet(models.QuerySet["YearEndClient"]):
    def visible_to(self, employee: Employee) -> Self:
        """Clients of a year's end by their branch at that time; never the employee's own."""
        return self.filter(_within(employee, "branch")).exclude(owns(employee, "client"))


class ReturnVisitorQuerySet(models.QuerySet["ReturnVisitor"]):
    def visible_to(self, employee: Employee) -> Self:
        """Visitors named for branches in the employee's scope."""
        return self.filter(_within(employee, "branch"))

    def editable_by(self, employee: Employee) -> Self:
        """Officers name them."""
        return self.visible_to(employee) if is_officer(employee) else self.none()

    def in_force(self) -> Self:
        day = trading_days.today()
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)
