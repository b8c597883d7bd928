"""Who makes return visits: people named per branch, and compliance officers."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from clients.models import Assignment, Client
from compliance.models import ReturnVisitor
from crm import trading_days
from staff.models import Branch, Employee, Role
from visits.models import Callback


def candidates(client: Client) -> QuerySet[Employee]:
    """Who may make a return visit to the client: visitors named for its branch or above, officers.

    Employees who serve or won the client, now or in the past, and their substitutes are excluded.
    """
    path = client.branch.ancestor_ids
    named = ReturnVisitor.objects.in_force().filter(branch__in=path).values("employee")
    officers = Q(role=Role.COMPLIANCE, branch__in=path)
    own = Assignment.objects.filter(client=client, employee=OuterRef("pk"))
    rows = Employee.objects.filter(Q(pk__in=named) | officers, is_active=True)
    rows = rows.exclude(Exists(own)).order_by("full_name", "pk")
    return rows.exclude(covers__contains=[client.manager_id]) if client.manager_id else rows


@transaction.atomic
def name(*, employee: Employee, branch: Branch, by: Employee) -> ReturnVisitor:
    """Name a visitor for the branch and those below it; idempotent."""
    employee = Employee.objects.select_for_update(of=("self",)).get(pk=employee.pk)
    if not employee.is_active:
        raise ValidationError({"employee": _("This login is closed: choose somebody who works.")})
    made, _new = ReturnVisitor.objects.get_or_create(
        employee=employee,
        branch=branch,
        valid_to=None,
        defaults={"valid_from": trading_days.today(), "named_by": by},
    )
    _copy(employee)
    return made


@transaction.atomic
def end(visitor: ReturnVisitor) -> None:
    """End the naming today; open return visits become unassigned."""
    ReturnVisitor.objects.filter(pk=visitor.pk, valid_to=None).update(valid_to=trading_days.today())
    _copy(visitor.employee)
    open_ones = Callback.objects.filter(
        kind=Callback.Kind.COMPLIANCE,
        status=Callback.Status.OPEN,
        employee=visitor.employee,
        client__branch__path__startswith=visitor.branch.path,
    )
    open_ones.update(employee=None)


def end_all(employee: Employee) -> None:
    """End all namings of an employee who leaves."""
    for row in ReturnVisitor.objects.filter(employee=employee, valid_to=None):
        end(row)
    Callback.objects.filter(
        kind=Callback.Kind.COMPLIANCE, status=Callback.Status.OPEN, employee=employee
    ).update(employee=None)


def _copy(employee: Employee) -> None:
    """The copy on the employee, which pages and the access rule read."""
    named = ReturnVisitor.objects.filter(employee=employee, valid_to=None).exists()
    Employee.objects.filter(pk=employee.pk).update(makes_return_visits=named)
