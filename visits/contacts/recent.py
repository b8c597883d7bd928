"""First phone, newest contacts and open callbacks of a client, for client file and call screen.

Written out, since these pages are opened all day long: to build the queries took longer than to
answer them. The client was read through the access rule; those merged into it are seen as it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from clients.models import Client
from clients.normalisation import mask_phone
from crm import crypto
from staff.models import Employee
from visits.querysets import told_sql

PHONE = """
SELECT ciphertext, key_id FROM clients_phone WHERE client_id = %(client)s AND valid_to IS NULL
ORDER BY is_primary DESC, id LIMIT 1
"""
_NOT_CONFIDENTIAL = told_sql("entry", employee="%(viewer)s", has_no_scope="%(has_book)s")
_VISITS = f"""
SELECT entry.id, entry.public_id, entry.occurred_at, entry.occurred_on, entry.channel, entry.notes,
       entry.suggestions, entry.answers::text, entry.satisfaction_service,
       entry.satisfaction_information, entry.void, e.full_name, e.username, o.name_zh, o.name_en,
       entry.reached, person.name
FROM visits_visit entry
JOIN visits_outcome o ON o.id = entry.outcome_id
LEFT JOIN staff_employee e ON e.id = entry.employee_id
LEFT JOIN clients_contactperson person ON person.id = entry.contact_person_id
WHERE entry.client_id = ANY (%(clients)s) AND (%(void)s OR NOT entry.void) AND {_NOT_CONFIDENTIAL}
      AND (%(reached)s::date IS NULL OR (entry.reached AND entry.occurred_on = %(reached)s))
ORDER BY entry.occurred_at DESC, entry.id DESC LIMIT %(count)s
"""  # noqa: S608 - of our own parts
_CALLBACKS = f"""
SELECT entry.public_id, entry.due_on, entry.also, entry.kind, entry.reason, entry.anchor_on,
       p.every, p.unit
FROM visits_callback entry LEFT JOIN visits_callbackplan p ON p.id = entry.plan_id
WHERE entry.client_id = %(client)s AND entry.status = 'open' AND {_NOT_CONFIDENTIAL}
ORDER BY entry.due_on, entry.id LIMIT %(count)s
"""  # noqa: S608 - of our own parts


class Contact(NamedTuple):
    """The columns of ``contacts_selectors.LINE``, and whether the client was reached."""

    id: int
    public_id: UUID
    occurred_at: datetime
    occurred_on: date
    channel: str
    notes: str
    suggestions: str
    answers: list[dict[str, str]]
    satisfaction_service: int | None
    satisfaction_information: int | None
    void: bool
    employee__full_name: str | None
    employee__username: str | None
    outcome__name_zh: str
    outcome__name_en: str
    reached: bool
    contact_person__name: str | None


class Open(NamedTuple):
    """An open callback with the columns that explain its due date."""

    public_id: UUID
    due_on: date
    also: list[str]
    kind: str
    reason: str
    anchor_on: date
    every: int | None
    unit: str | None


def first_phone(client: Client) -> str:
    """The client's first phone, masked; '' where none is known."""
    with connection.cursor() as cursor:
        cursor.execute(PHONE, {"client": client.pk})
        return masked(cursor.fetchone() or (None, None))


def masked(row: Sequence[Any]) -> str:
    """A row of ``PHONE`` masked; '' for an empty one."""
    return mask_phone(crypto.decrypt(*row)) if row[0] is not None else ""


def contacts(
    viewer: Employee,
    client: Client,
    count: int,
    *,
    void: bool = False,
    reached: date | None = None,
) -> list[Contact]:
    """The newest contacts with a visible client; ``void``: include corrected ones; ``reached``:
    only those that reached the client on this day."""
    rows = _rows(_VISITS, viewer, clients=client.group, count=count, void=void, reached=reached)
    return [Contact._make([*row[:7], json.loads(row[7]), *row[8:]]) for row in rows]


def callbacks(viewer: Employee, client: Client, count: int) -> list[Open]:
    """Open callbacks of a visible client, earliest first."""
    return [Open._make(row) for row in _rows(_CALLBACKS, viewer, client=client.pk, count=count)]


def _rows(statement: str, viewer: Employee, **given: Any) -> list[tuple[Any, ...]]:
    given |= {"has_book": viewer.branch_scope == [], "viewer": viewer.pk}
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
