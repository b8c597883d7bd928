"""The rows that a write begins with, read as they stand and locked.

Written out, since every contact that is saved asks for each of them: to build the queries took
several times as long as to answer them.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import connection

from clients.models import Client
from visits.models import Callback, Visit

_CLIENT = "SELECT * FROM clients_client WHERE id = %s FOR UPDATE"
_LOCK_CLIENT = "SELECT id FROM clients_client WHERE id = %s FOR UPDATE"
_CALLBACK = "SELECT * FROM visits_callback WHERE id = %s"
_VISIT = "SELECT * FROM visits_visit WHERE token = %s"


def _first(rows: Any) -> Any:
    return next(iter(rows), None)


def lock_client(key: int) -> None:
    """Whoever else writes about this client waits for the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_CLIENT, [key])


def locked_client(client: Client) -> Client:
    """The client as it stands, locked. Raises Client.DoesNotExist."""
    found: Client | None = _first(Client.objects.raw(_CLIENT, [client.pk]))
    if found is None:
        raise Client.DoesNotExist
    if found.branch_id == client.branch_id and Client.branch.is_cached(client):
        found.branch = client.branch
    return found


def locked_callback(key: int, client: Client | None = None) -> Callback:
    """The callback as it stands, locked; one of ``client``. Raises Callback.DoesNotExist."""
    found: Callback | None = _first(Callback.objects.raw(f"{_CALLBACK} FOR UPDATE", [key]))
    if found is None or (client is not None and found.client_id != client.pk):
        raise Callback.DoesNotExist
    return found


def read_again(callback: Callback) -> Callback:
    """The callback as planning left it."""
    found: Callback = _first(Callback.objects.raw(_CALLBACK, [callback.pk]))
    return found


def visit_of(token: uuid.UUID) -> Visit | None:
    """The contact that a form with this token made."""
    found: Visit | None = _first(Visit.objects.raw(_VISIT, [token]))
    return found
