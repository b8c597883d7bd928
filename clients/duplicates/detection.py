"""Pairs of clients that may be one person: the same number, or the same sound and birthday."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Client
from staff.models import Employee

PAGE = 25
# So many clients are compared for a page: where doubles are rare, a firm's would take minutes.
LOOKED_AT = 20_000
_END = """
SELECT id FROM ({scope}) s (id) WHERE id >= %s ORDER BY id OFFSET %s LIMIT 1
"""
# Each client by the indexes of numbers and of names with birthdays, in order, until a page is full.
# OFFSET keeps the planner from reading the whole scope for the other half of a pair.
_PAIRS = """
WITH mine AS MATERIALIZED (
    SELECT id FROM ({scope}) s (id) WHERE id >= %s AND (%s::bigint IS NULL OR id < %s) ORDER BY id
)
SELECT a.id, p.high, array_agg(DISTINCT p.why)
FROM mine m
JOIN clients_client a ON a.id = m.id
CROSS JOIN LATERAL (
    SELECT other.client_id AS high, 'phone' AS why
    FROM clients_phone own JOIN clients_phone other USING (number_index)
    WHERE own.client_id = a.id AND own.valid_to IS NULL AND other.valid_to IS NULL
      AND other.client_id > a.id
    UNION ALL
    SELECT other.client_id, 'identity'
    FROM clients_identity own JOIN clients_identity other USING (number_index)
    WHERE own.client_id = a.id AND own.valid_to IS NULL AND other.valid_to IS NULL
      AND other.client_id > a.id
    UNION ALL
    SELECT other.id, 'birthday'
    FROM clients_client other
    WHERE other.name_pinyin = a.name_pinyin AND other.birthday = a.birthday AND other.id > a.id
) p
CROSS JOIN LATERAL (SELECT FROM ({scope}) s (id) WHERE s.id = p.high OFFSET 0) reached
WHERE (a.id, p.high) > (%s, %s)
  AND NOT EXISTS (SELECT FROM clients_notduplicate n
                  WHERE n.first_id = a.id AND n.second_id = p.high)
GROUP BY a.id, p.high
ORDER BY a.id, p.high
LIMIT %s
"""


@dataclass
class Pair:
    """Two clients and why they may be one."""

    first: Client
    second: Client
    reasons: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return reverse("clients:pair", args=[self.first.public_id, self.second.public_id])


def pairs(employee: Employee, after: tuple[int, int] = (0, 0)) -> tuple[list[Pair], str]:
    """A page of pairs of which the employee may change both, and the place of the next one.

    Where there is a next one, a page may hold fewer or none: so far it was looked.
    """
    scope, params = _sql(Client.objects.editable_by(employee))
    with connection.cursor() as cursor:
        cursor.execute(_END.format(scope=scope), [*params, after[0], LOOKED_AT])
        end = next(iter(cursor.fetchone() or ()), None)
        cursor.execute(
            _PAIRS.format(scope=scope),
            [*params, after[0], end, end, *params, *after, PAGE + 1],
        )
        rows = cursor.fetchall()
    keys = {key for low, high, _why in rows[:PAGE] for key in (low, high)}
    clients = Client.objects.editable_by(employee).select_related("manager", "branch").in_bulk(keys)
    words = {
        "phone": _("same phone"),
        "identity": _("same identity number"),
        "birthday": _("same name by sound, same birthday"),
    }
    listed = [
        Pair(clients[low], clients[high], [words[key] for key in why])
        for low, high, why in rows[:PAGE]
        if low in clients and high in clients
    ]
    if len(rows) > PAGE:
        return listed, f"{rows[PAGE - 1][0]}-{rows[PAGE - 1][1]}"
    return listed, "" if end is None else f"{end}-0"


def _sql(clients: QuerySet[Client]) -> tuple[str, tuple[Any, ...]]:
    """The keys of a queryset as SQL text with its parameters; nothing for an empty one."""
    try:
        text, params = clients.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::bigint WHERE false", ()
    return str(text), tuple(params)


def place(text: str) -> tuple[int, int]:
    """The place in the list that an address names; its beginning where it is malformed."""
    low, _dash, high = text.partition("-")
    if low.isdecimal() and high.isdecimal() and len(text) < 40:
        return int(low), int(high)
    return 0, 0


def is_likely_duplicate(client: Client) -> bool:
    """Whether another client of the firm has the same name pinyin and birthday."""
    if client.birthday is None:
        return False
    others = Client.objects.filter(
        name_pinyin=client.name_pinyin, birthday=client.birthday, merged_into=None
    )
    return others.exclude(pk=client.pk).exists()
