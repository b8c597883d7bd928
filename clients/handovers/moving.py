"""Moving the clients of a hand-over: one statement per table, and what the rooms above do."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.utils import timezone

from clients.models import Client, HandOver
from clients.segments.classification import classify
from crm.operations import ClientsHandedOver, hand_over
from crm.trading_days import today


def lock(keys: Any) -> None:
    """Lock these clients, in the order of all writes."""
    rows = Client.objects.filter(pk__in=keys).order_by("pk").select_for_update(of=("self",))
    list(rows.values_list("pk", flat=True))


_SKIP = """
UPDATE clients_handoveritem i SET state = 'skipped'
FROM clients_client c
WHERE i.hand_over_id = %(pk)s AND c.id = i.client_id
  AND (c.merged_into_id IS NOT NULL
       OR c.manager_id IS DISTINCT FROM %(origin)s AND NOT (c.manager_id IS NULL AND %(left)s))
"""
_END_SERVICE = """
UPDATE clients_assignment a SET valid_to = GREATEST(a.valid_from, %(today)s)
FROM clients_handoveritem i
WHERE i.hand_over_id = %(pk)s AND i.state = 'waiting' AND a.client_id = i.client_id
  AND a.kind = 'serves' AND a.valid_to IS NULL
"""
_BEGIN_SERVICE = """
INSERT INTO clients_assignment (client_id, employee_id, kind, valid_from, reason)
SELECT i.client_id, i.receiver_id, 'serves', %(today)s, %(reason)s
FROM clients_handoveritem i
WHERE i.hand_over_id = %(pk)s AND i.state = 'waiting'
"""
_SERVE = """
UPDATE clients_client c
SET manager_id = i.receiver_id, branch_id = e.branch_id, version = c.version + 1,
    updated_at = %(now)s
FROM clients_handoveritem i JOIN staff_employee e ON e.id = i.receiver_id
WHERE i.hand_over_id = %(pk)s AND i.state = 'waiting' AND c.id = i.client_id
RETURNING c.id
"""
# Records merged into a client follow its manager.
_FOLLOW = """
UPDATE clients_client m SET manager_id = c.manager_id, branch_id = c.branch_id
FROM clients_client c
WHERE m.merged_into_id = c.id AND c.id = ANY (%(moved)s)
"""
_DONE = """
UPDATE clients_handoveritem SET state = 'done' WHERE hand_over_id = %(pk)s AND state = 'waiting'
"""


def move(row: HandOver) -> list[int]:
    """Move the clients, one statement per table, then run the operation of the apps above."""
    lock(row.items.order_by().values("client"))
    values: dict[str, Any] = {
        "pk": row.pk,
        "origin": row.origin_id,
        "left": row.origin is not None and not row.origin.is_active,
        "today": today(),
        "now": timezone.now(),
        "reason": row.reason,
    }
    with connection.cursor() as cursor:
        for statement in (_SKIP, _END_SERVICE, _BEGIN_SERVICE):
            cursor.execute(statement, values)
        cursor.execute(_SERVE, values)
        moved = [key for (key,) in cursor.fetchall()]
        cursor.execute(_FOLLOW, {"moved": moved})
        cursor.execute(_DONE, values)
    classify(clients=moved)
    hand_over.run(
        ClientsHandedOver(
            clients=moved,
            origin=row.origin,
            departing=row.departing,
            key=row.pk,
            by=row.decided_by,
        )
    )
    return moved
