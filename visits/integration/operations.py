"""The parts of visits/ in the named operations that span rooms (docs/architecture.md)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Count, Exists, OuterRef
from django.utils import translation
from django.utils.translation import gettext

from clients.models import Client
from crm import trading_days
from crm.operations import (
    AbsenceChanged,
    AccountOpened,
    ClientSaved,
    ClientsHandedOver,
    ClientsMerged,
    ClientsSplit,
    EmployeeLeft,
    ImportUndone,
    OpenWorkCounted,
    ProspectsPurged,
    SegmentAdded,
    SegmentsSet,
)
from staff.policies import by_branch, nearest
from visits.agenda.reschedule import take_back
from visits.contacts.services import refresh_last_contact
from visits.integration.client_import import void_import
from visits.models import BY_HAND, Callback, CallbackPlan, Visit
from visits.planning.planner import plan_callbacks
from visits.planning.policies import DEPARTURE_DAYS
from visits.plans.services import PLAN_COLUMNS, change_plan


def plan_new_account(event: AccountOpened) -> None:
    """The first call after opening, and the cadence that counts from the opening date (D-04)."""
    plan_callbacks(clients=[event.client.pk])


def copy_plan(event: SegmentAdded) -> None:
    """A segment without a plan takes the one in force of the segment that it is contacted like."""
    if CallbackPlan.objects.filter(segment=event.segment, valid_to=None).exists():
        return
    plan = CallbackPlan.objects.filter(segment=event.like, valid_to=None).first()
    if plan is None:
        sentence = gettext("“%(segment)s” has no plan: choose another segment to contact it like.")
        raise ValidationError(sentence % {"segment": event.like})
    change_plan(segment=event.segment, values={name: getattr(plan, name) for name in PLAN_COLUMNS})


def plan_saved_client(event: ClientSaved) -> None:
    """Plan the callbacks of a client that was recorded, edited or reassigned."""
    plan_callbacks(clients=[event.client.pk])


def plan_segments_set(event: SegmentsSet) -> None:
    """Plan the callbacks of clients that were put into another segment."""
    plan_callbacks(clients=event.clients)


def plan_around_absence(event: AbsenceChanged) -> None:
    """Move callbacks off the days on which the clients' manager is absent, or back."""
    take_back()
    served = Client.objects.filter(manager=event.employee).values_list("pk", flat=True)
    plan_callbacks(clients=list(served))


def release_callbacks(event: EmployeeLeft) -> None:
    """Open callbacks keep their day and wait until the branch head assigns the client."""
    Callback.objects.filter(employee=event.employee, status=Callback.Status.OPEN).update(
        employee=None, is_reassigned=False
    )


def join_callbacks(event: ClientsMerged) -> None:
    """Part of ``merge``: calls planned by hand go on with the survivor; regular ones are one.

    What the survivor has already, such as the return visit of one hand-over, the planner cancels.
    """
    same = Callback.objects.filter(
        client=event.survivor, kind=OuterRef("kind"), occurrence=OuterRef("occurrence")
    )
    by_hand = Callback.objects.filter(
        ~Exists(same), client=event.merged, kind__in=BY_HAND, status="open"
    )
    event.moved["callbacks"] = list(by_hand.values_list("pk", flat=True))
    Callback.objects.filter(pk__in=event.moved["callbacks"]).update(client=event.survivor)
    refresh_last_contact(event.survivor)
    plan_callbacks(clients=[event.survivor.pk, event.merged.pk])


def split_callbacks(event: ClientsSplit) -> None:
    """Part of ``unmerge``: move open callbacks back and plan both clients again."""
    rows = Callback.objects.filter(pk__in=event.moved.get("callbacks", []), status="open")
    rows.update(client=event.merged)
    for client in (event.survivor, event.merged):
        refresh_last_contact(client)
    plan_callbacks(clients=[event.survivor.pk, event.merged.pk])


def count_callbacks(event: OpenWorkCounted) -> None:
    """Part of ``open_work``: open callbacks, without return visits, which others make."""
    rows = Callback.objects.open().filter(client__in=event.clients, confidential=False)
    numbers = rows.exclude(kind=Callback.Kind.COMPLIANCE).order_by().values("client")
    event.counts.update(dict(numbers.annotate(n=Count("pk")).values_list("client", "n")))


# Set-based, and once per hand-over and client however often it runs.
_RETURN_VISITS = f"""
INSERT INTO visits_callback (
    client_id, employee_id, kind, occurrence, anchor_on, ideal_on, earliest_on, due_on, window_end,
    status, cancelled_because, reason, is_placed, is_backlog, over_capacity, confidential, attempts)
SELECT c.id, c.manager_id, 'manual', %(occurrence)s, %(today)s, visit.day, visit.day, visit.day,
       visit.day, 'open', '', %(reason)s, true, false, false, false, 0
FROM clients_client c
JOIN (SELECT b.id, {nearest("due", "date")} AS day FROM staff_branch b) due ON due.id = c.branch_id
-- What is overdue is said in the same call: it stays as late as it was.
CROSS JOIN LATERAL (
    SELECT LEAST(due.day, min(k.due_on)) AS day FROM visits_callback k
    WHERE k.client_id = c.id AND k.status = 'open' AND NOT k.confidential AND k.due_on < %(today)s
) visit
WHERE c.id = ANY (%(clients)s) AND c.lifecycle <> 'closed' AND c.merged_into_id IS NULL
ON CONFLICT DO NOTHING
"""  # noqa: S608


def follow_clients(event: ClientsHandedOver) -> None:
    """Part of ``hand_over``: open callbacks follow their clients and are distributed again.

    Where the former manager leaves, each client is owed a return visit within some trading days.
    """
    if event.departing:
        day = trading_days.today()
        days = by_branch({"due": DEPARTURE_DAYS}, on=day)
        with translation.override(settings.LANGUAGE_CODE):
            wording = gettext("Departure of %(name)s: introduce yourself, ask how the service was")
            reason = wording % {"name": event.origin}
        values: dict[str, Any] = {
            "occurrence": f"handover:{event.key}",
            "today": day,
            "due_paths": days["due_paths"],
            "due_values": [trading_days.add(day, int(n)) for n in days["due_values"]],
            "reason": reason[:200],
            "clients": event.clients,
        }
        with connection.cursor() as cursor:
            cursor.execute(_RETURN_VISITS, values)
    plan_callbacks(clients=event.clients)


def void_imported_visits(event: ImportUndone) -> None:
    """Void imported visits; keep clients with other visits or manual callbacks."""
    void_import(event.source, event.begun, event.ended)
    spoken = Visit.objects.filter(client__in=event.created, void=False)
    worked = Callback.objects.filter(client__in=event.created, kind__in=BY_HAND)
    event.keep.update(spoken.values_list("client", flat=True))
    event.keep.update(worked.values_list("client", flat=True))


def plan_undone_clients(event: ImportUndone) -> None:
    """Calls of clients that were closed are due no longer; the others' by their dates of before."""
    plan_callbacks(clients=list(event.batch.clients.values_list("client", flat=True)))


_PROMISED = (Callback.Kind.APPOINTMENT, Callback.Kind.MANUAL, Callback.Kind.PROMISE)


def keep_awaited(event: ProspectsPurged) -> None:
    """Appointments and calls by hand that lie ahead, and confidential rows, are in doubt."""
    ahead = Callback.objects.filter(
        client__in=event.all, status=Callback.Status.OPEN, kind__in=_PROMISED, due_on__gte=event.on
    )
    event.keep.update(ahead.values_list("client", flat=True))
    for table in (Visit, Callback):
        hidden = table._default_manager.filter(client__in=event.all, confidential=True)
        event.keep.update(hidden.values_list("client", flat=True))
