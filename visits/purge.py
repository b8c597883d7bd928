"""The part of visits/ in the operation ``purge``: who is about to be met stays."""

from __future__ import annotations

from crm.operations import ProspectsPurged
from visits.models import Callback, Visit

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
