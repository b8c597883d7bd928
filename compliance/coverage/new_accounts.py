"""Accounts opened in a year, and which of them were visited within their time (docs/rules.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from clients.models import Client
from compliance.models import ReturnVisit
from crm import trading_days
from staff.models import Employee
from staff.policies import by_branch, nearest
from visits.planning.policies import WINDOW_MONTHS

# Each account opened in the year, whether or not a visit was planned for it: accepted, where what
# was made for it was reviewed; a breach, where its time is over and nothing was made within it.
# Whatever the reason of a visit, the client was visited. Nobody sees those whom they serve or won.
_ACCOUNTS = f"""
WITH opened AS (
    SELECT c.id, c.branch_id, c.opened_on,
           (c.opened_on + make_interval(months => {nearest("months")}::integer))::date AS ends_on
    FROM clients_client c JOIN staff_branch b ON b.id = c.branch_id
    WHERE c.lifecycle IN ('client', 'closed') AND c.merged_into_id IS NULL
      AND c.opened_on BETWEEN make_date(%(year)s, 1, 1) AND make_date(%(year)s, 12, 31)
      AND (%(scope)s::bigint[] IS NULL OR c.branch_id = ANY (%(scope)s::bigint[]))
      AND NOT EXISTS (SELECT FROM clients_assignment a
                      WHERE a.client_id = c.id AND a.employee_id = %(viewer)s)),
made AS (
    SELECT o.id, bool_or(r.visited_on <= o.ends_on) AS in_time,
           bool_or(r.reviewed_by_id IS NOT NULL
                   AND (r.reason = 'new_account' OR r.visited_on <= o.ends_on)) AS accepted
    FROM compliance_returnvisit r
    JOIN visits_callback k ON k.id = r.callback_id
    JOIN clients_client m ON m.id = k.client_id
    JOIN opened o ON o.id = COALESCE(m.merged_into_id, m.id) AND r.visited_on >= o.opened_on
    GROUP BY o.id),
account AS (
    SELECT o.id, o.branch_id, COALESCE(made.accepted, false) AS accepted,
           o.ends_on < %(today)s AND NOT COALESCE(made.in_time, false) AS breach
    FROM opened o LEFT JOIN made ON made.id = o.id)
"""  # noqa: S608
_COUNTS = f"""{_ACCOUNTS}
SELECT branch_id, count(*), count(*) FILTER (WHERE accepted), count(*) FILTER (WHERE breach)
FROM account GROUP BY branch_id
"""  # noqa: S608
_CONDITIONS = {"opened": "true", "accepted": "accepted", "breach": "breach"}
_KEYS = f"{_ACCOUNTS} SELECT id FROM account WHERE "  # noqa: S608
_NAME = re.compile(r"%\((\w+)\)s")


def _parameters(viewer: Employee, year: int) -> dict[str, Any]:
    """The time for an account is that in force at the end of the year, or today."""
    today = trading_days.today()
    return {
        "year": year,
        "scope": viewer.branch_scope,
        "viewer": viewer.pk,
        "today": today,
        **by_branch({"months": WINDOW_MONTHS}, on=min(today, date(year, 12, 31))),
    }


def counts(viewer: Employee, year: int) -> dict[int, tuple[int, int, int]]:
    """Accounts opened, accepted and in breach by branch, in the viewer's scope."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, _parameters(viewer, year))
        return {branch: (opened, accepted, late) for branch, opened, accepted, late in cursor}


def clients(viewer: Employee, year: int, share: str) -> QuerySet[Client]:
    """The clients behind one of these figures: ``opened``, ``accepted`` or ``breach``."""
    parameters = _parameters(viewer, year)
    statement = _KEYS + _CONDITIONS[share]
    given = [parameters[name] for name in _NAME.findall(statement)]
    keys = RawSQL(_NAME.sub("%s", statement), given)  # noqa: S611
    return Client.objects.visible_to(viewer).filter(pk__in=keys)


@dataclass(frozen=True)
class Account:
    """A client of a list, with the first visit since the opening and the next one planned."""

    client: Client
    visited_on: date | None
    planned_on: date | None


def with_visits(viewer: Employee, found: Iterable[Client]) -> list[Account]:
    """What became of the accounts of a page; one query."""
    listed = {client.pk: client for client in found}
    rows = ReturnVisit.objects.visible_to(viewer).filter(callback__client__in=listed)
    columns = ("callback__client", "visited_on", "callback__status", "callback__due_on")
    visited: dict[int, date] = {}
    planned: dict[int, date] = {}
    for key, day, status, due in rows.values_list(*columns).order_by("callback__due_on"):
        opened = listed[key].opened_on
        if day and opened and day >= opened:
            visited[key] = min(day, visited.get(key, day))
        if status == "open":
            planned.setdefault(key, due)
    return [Account(one, visited.get(key), planned.get(key)) for key, one in listed.items()]
