"""Pairs of clients that may be one person: the same number, or the same sound and birthday."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clients.models import Client
from staff.models import Employee

PAGE = 25
_PAIRS = """
WITH scope(id) AS ({scope}),
pairs AS (
    SELECT a.client_id AS low, b.client_id AS high, 'phone' AS why
    FROM clients_phone a
    JOIN clients_phone b ON b.number_index = a.number_index AND b.client_id > a.client_id
    WHERE a.valid_to IS NULL AND b.valid_to IS NULL
      AND a.client_id IN (SELECT id FROM scope) AND b.client_id IN (SELECT id FROM scope)
    UNION ALL
    SELECT a.client_id, b.client_id, 'identity'
    FROM clients_identity a
    JOIN clients_identity b ON b.number_index = a.number_index AND b.client_id > a.client_id
    WHERE a.valid_to IS NULL AND b.valid_to IS NULL
      AND a.client_id IN (SELECT id FROM scope) AND b.client_id IN (SELECT id FROM scope)
    UNION ALL
    SELECT a.id, b.id, 'birthday'
    FROM clients_client a
    JOIN clients_client b
        ON b.name_pinyin = a.name_pinyin AND b.birthday = a.birthday AND b.id > a.id
    WHERE a.id IN (SELECT id FROM scope) AND b.id IN (SELECT id FROM scope)
)
SELECT low, high, array_agg(DISTINCT why)
FROM pairs p
WHERE (low, high) > (%s, %s)
  AND NOT EXISTS (SELECT FROM clients_notduplicate n
                  WHERE n.first_id = p.low AND n.second_id = p.high)
GROUP BY low, high
ORDER BY low, high
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
        return f"/duplicates/{self.first.public_id}/{self.second.public_id}/"


def pairs(employee: Employee, after: tuple[int, int] = (0, 0)) -> tuple[list[Pair], str]:
    """A page of pairs of which the employee may change both, and the place of the next one."""
    scope, params = _sql(Client.objects.editable_by(employee))
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS.format(scope=scope), [*params, *after, PAGE + 1])
        rows = cursor.fetchall()
    keys = {key for low, high, _why in rows[:PAGE] for key in (low, high)}
    found = Client.objects.editable_by(employee).select_related("manager", "branch").in_bulk(keys)
    words = {
        "phone": _("same phone"),
        "identity": _("same identity number"),
        "birthday": _("same name by sound, same birthday"),
    }
    listed = [
        Pair(found[low], found[high], [words[key] for key in why])
        for low, high, why in rows[:PAGE]
        if low in found and high in found
    ]
    rest = f"{rows[PAGE - 1][0]}-{rows[PAGE - 1][1]}" if len(rows) > PAGE else ""
    return listed, rest


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


def twins(client: Client) -> bool:
    """Whether somebody else of the firm has the same sound of name and birthday."""
    if client.birthday is None:
        return False
    others = Client.objects.filter(
        name_pinyin=client.name_pinyin, birthday=client.birthday, merged_into=None
    )
    return others.exclude(pk=client.pk).exists()
