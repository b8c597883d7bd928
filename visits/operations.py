"""The parts of visits/ in the named operations that span rooms (design §1)."""

from __future__ import annotations

from crm.operations import AccountOpened, ClientSaved, EmployeeLeft, ImportUndone
from visits.importing import void_import
from visits.models import Callback, Visit
from visits.planning import plan_callbacks


def plan_new_account(event: AccountOpened) -> None:
    """The first call after opening, and the cadence that counts from the opening date (D-04)."""
    plan_callbacks(clients=[event.client.pk])


def plan_saved_client(event: ClientSaved) -> None:
    """A client recorded, edited or given to somebody has the right callbacks at once."""
    plan_callbacks(clients=[event.client.pk])


def release_callbacks(event: EmployeeLeft) -> None:
    """Open callbacks keep their day and wait for whoever the branch head gives the client to."""
    Callback.objects.filter(employee=event.employee, status=Callback.Status.OPEN).update(
        employee=None
    )


def void_imported_visits(event: ImportUndone) -> None:
    """Imported visits are void; clients with whom somebody spoke or made a call by hand stay."""
    void_import(event.source, event.begun, event.ended)
    spoken = Visit.objects.filter(client__in=event.created, void=False)
    worked = Callback.objects.filter(client__in=event.created, kind=Callback.Kind.MANUAL)
    event.keep.update(spoken.values_list("client", flat=True))
    event.keep.update(worked.values_list("client", flat=True))


def plan_undone_clients(event: ImportUndone) -> None:
    """Calls of clients that were closed are due no longer; the others' by their dates of before."""
    plan_callbacks(clients=list(event.batch.clients.values_list("client", flat=True)))
