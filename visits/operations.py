"""The parts of visits/ in the named operations that span rooms (design §1)."""

from __future__ import annotations

from crm.operations import AccountOpened, ClientSaved, EmployeeLeft
from visits.models import Callback
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
