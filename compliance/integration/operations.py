"""The parts of compliance/ in the named operations that span rooms (docs/architecture.md)."""

from __future__ import annotations

from django.db import connection

from clients.models import Client
from compliance.models import ExceptionCase, ReturnVisit, YearEndClient
from compliance.planning import planner
from compliance.visitors import services as visitors
from crm.operations import (
    ClientSaved,
    ClientsHandedOver,
    ClientsMerged,
    ClientsSplit,
    EmployeeLeft,
    ProspectsPurged,
)
from visits.models import Callback

# A client who is served by their own visitor gets another one.
_RELEASE = """
UPDATE visits_callback k SET employee_id = NULL
WHERE k.client_id = ANY (%s) AND k.kind = 'compliance' AND k.status = 'open'
  AND EXISTS (SELECT FROM clients_assignment a
              WHERE a.client_id = k.client_id AND a.employee_id = k.employee_id)
"""


def _release(clients: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [clients])


def release_from_own(event: ClientSaved) -> None:
    """Take return visits off an employee who has become the manager of the client."""
    _release([event.client.pk])


def release_handed_over(event: ClientsHandedOver) -> None:
    """The same for a whole book."""
    _release(event.clients)


def end_visitor(event: EmployeeLeft) -> None:
    """Take return visits off an employee who leaves."""
    visitors.end_all(event.employee)


def join_return_visits(event: ClientsMerged) -> None:
    """Move open return visits to the survivor, unless it has the same ones."""
    both = [event.survivor.pk, event.merged.pk]
    planner.part(both)
    same = Callback.objects.filter(client=event.survivor, kind=Callback.Kind.COMPLIANCE)
    rows = Callback.objects.filter(
        client=event.merged, kind=Callback.Kind.COMPLIANCE, status=Callback.Status.OPEN
    ).exclude(occurrence__in=same.values("occurrence"))
    event.moved["return_visits"] = list(rows.values_list("pk", flat=True))
    _move(event.moved["return_visits"], event.survivor)
    planner.join(both)


def split_return_visits(event: ClientsSplit) -> None:
    """Move open return visits back."""
    both = [event.survivor.pk, event.merged.pk]
    planner.part(both)
    rows = Callback.objects.filter(
        pk__in=event.moved.get("return_visits", []), status=Callback.Status.OPEN
    )
    _move(list(rows.values_list("pk", flat=True)), event.merged)
    planner.join(both)


def _move(callbacks: list[int], client: Client) -> None:
    """Move a return visit to another client and find a visitor again."""
    Callback.objects.filter(pk__in=callbacks).update(client=client, employee=None)
    for key in callbacks:
        planner.give(key)


def keep_concerned(event: ProspectsPurged) -> None:
    """Cases, return visits and year-ends are evidence (Securities Law art. 137)."""
    keys = event.all
    cases = ExceptionCase.objects.filter(client__in=keys).values_list("client", flat=True)
    visits = ReturnVisit.objects.filter(callback__client__in=keys)
    counted = YearEndClient.objects.filter(client__in=keys).values_list("client", flat=True)
    event.keep.update(cases, visits.values_list("callback__client", flat=True), counted)
