"""Assignments of clients to employees, by period; release of clients when an employee leaves.

``Client.manager`` and ``Client.branch`` are copies of the open ``serves`` row, written here only.
"""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Assignment, Client, Lifecycle
from clients.segments.classification import classify
from crm.operations import (
    AccountOpened,
    ClientSaved,
    EmployeeLeft,
    client_saved,
    employee_left,
)
from crm.trading_days import today
from staff.models import OWNERS, Employee

SERVES = Assignment.Kind.SERVES


def assignments_of(client: Client) -> QuerySet[Assignment]:
    """Who serves, served and won the client and those merged into them."""
    return Assignment.objects.filter(client__in=client.group)


@transaction.atomic
def assign(
    *,
    client: Client,
    employee: Employee | None,
    on: date,
    reason: str,
    by: Employee | None = None,
    announce: bool = True,
) -> None:
    """Assign the client to ``employee`` from ``on`` (today or earlier); ``None`` unassigns it.

    The client moves to the branch of its new manager and keeps it when there is none. Unless
    ``announce`` is off, rooms above hear of it (``client_saved``) in this transaction. Raises
    ValidationError for a post that may not own clients and for a date that would overlap.
    """
    locked = Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    if employee is not None and not employee.may_own_clients:
        raise ValidationError(_("%(name)s may not own clients.") % {"name": employee})
    if employee is not None and employee.branch is None:
        raise ValidationError(_("%(name)s works in no branch.") % {"name": employee})
    if on > today():
        raise ValidationError(_("The day of the change lies in the future."))
    rows = locked.assignments.filter(kind=SERVES)
    held = rows.filter(valid_to=None).first()
    if held and employee and held.employee_id == employee.pk:
        return
    last = (
        held.valid_from
        if held
        else rows.order_by("-valid_to").values_list("valid_to", flat=True).first()
    )
    if last and on < last:
        raise ValidationError(
            _("Somebody served this client until %(day)s already.") % {"day": last.isoformat()}
        )
    if held:
        held.valid_to = on
        held.save(update_fields=["valid_to"])
    if employee is not None:
        Assignment.objects.create(
            client=locked, employee=employee, kind=SERVES, valid_from=on, reason=reason
        )
        if employee.branch_id != locked.branch_id:
            locked.branch = employee.branch  # type: ignore[assignment]
    locked.manager = employee
    locked.version += 1
    locked.save(update_fields=["manager", "branch", "version", "updated_at"])
    # Records merged into the client follow its manager.
    Client.objects.filter(merged_into=locked).update(manager=employee, branch=locked.branch)
    client.refresh_from_db(fields=["manager", "branch", "version", "updated_at"])
    if announce:
        client_saved.run(ClientSaved(client=client, created=False, by=by))


def become_client(event: AccountOpened) -> None:
    """Part of ``account_opened``: the prospect is a client since ``opened_on``.

    The employee who opened the account has won the client; this is never changed.
    """
    client: Client = event.client
    locked = Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
    if locked.lifecycle != Lifecycle.PROSPECT:
        raise ValidationError(_("This account is open or closed already."))
    if event.opened_on > today():
        raise ValidationError({"opened_on": _("The opening date lies in the future.")})
    locked.lifecycle = Lifecycle.CLIENT
    locked.opened_on = event.opened_on
    locked.version += 1
    locked.save(update_fields=["lifecycle", "opened_on", "version", "updated_at"])
    winner: Employee | None = event.employee
    if winner is not None and winner.role in OWNERS:
        Assignment.objects.create(
            client=locked,
            employee=winner,
            kind=Assignment.Kind.DEVELOPED,
            valid_from=event.opened_on,
        )
    classify(clients=[locked.pk])
    client.refresh_from_db()


def release_clients(event: EmployeeLeft) -> None:
    """Part of ``employee_left``: unassign the clients; they stay with the firm.

    They keep their branch, so its head sees them and hands them to somebody else (D-28).
    """
    clients = Client.objects.filter(manager=event.employee)
    list(clients.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    Assignment.objects.filter(employee=event.employee, kind=SERVES, valid_to=None).update(
        valid_to=Greatest(F("valid_from"), Value(event.left_on))
    )
    clients.update(manager=None, version=F("version") + 1, updated_at=timezone.now())


@transaction.atomic
def employee_leaves(*, employee: Employee, left_on: date, by: Employee) -> None:
    """Record that an employee leaves: clients and work are released, then the login ends.

    All parts of ``employee_left`` run in this transaction; one that fails undoes everything.
    """
    locked = Employee.objects.select_for_update(of=("self",)).get(pk=employee.pk)
    if not locked.is_active:
        raise ValidationError(_("%(name)s has left already.") % {"name": locked})
    if left_on > today():
        raise ValidationError({"left_on": _("The last day lies in the future.")})
    employee_left.run(EmployeeLeft(employee=locked, left_on=left_on, by=by))
    locked.left_on = left_on
    locked.is_active = False
    locked.save(update_fields=["left_on", "is_active"])
    employee.refresh_from_db(fields=["left_on", "is_active"])
