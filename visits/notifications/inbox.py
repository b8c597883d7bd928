"""Delivery of digests to the inbox in batches: notification and confirmation in one transaction.

Only the plain case: every reminder of somebody who serves clients still holds. Whatever needs a
second look is left to ``digests``, one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from crm import trading_days
from crm.leases import Held
from staff.middleware import name_employee
from staff.notifications.services import Line, notify
from visits.notifications.kinds import DIGEST
from visits.querysets import visible_sql

# Open callbacks of the employee ``e`` of a digest, which they see.
_OWN = f"""
    k.employee_id = e.id AND k.status = 'open' AND {visible_sql("k", today="%(today)s")}
"""

_PLAIN = f"""
    SELECT d.id FROM visits_digest d
    JOIN staff_employee e ON e.id = d.employee_id
    JOIN visits_reminder r ON r.digest_id = d.id AND r.status = 'leased'
    JOIN visits_callback k ON k.id = r.callback_id
    JOIN clients_client c ON c.id = k.client_id
    WHERE d.id = ANY (%(held)s) AND e.is_active AND NOT e.is_superuser
      AND e.role IN ('manager', 'broker')
    GROUP BY d.id
    HAVING bool_and({_OWN} AND k.due_on = r.due_on AND NOT r.escalated)
"""  # noqa: S608

_HOLD = """
    SELECT d.id FROM visits_digest d
    JOIN unnest(%(ids)s::bigint[], %(attempts)s::int[]) h (id, attempt) ON h.id = d.id
    WHERE d.status = 'leased' AND d.attempts = h.attempt AND d.channel = 'in_app'
    ORDER BY d.id FOR UPDATE OF d
"""

_FIGURES = f"""
    SELECT d.id, d.employee_id, n.due, n.overdue, n.ahead
    FROM visits_digest d
    JOIN staff_employee e ON e.id = d.employee_id
    CROSS JOIN LATERAL (SELECT GREATEST(d.day, %(today)s::date) AS day) t
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE k.due_on = t.day) AS due,
               count(*) FILTER (WHERE k.due_on < t.day) AS overdue,
               count(*) FILTER (WHERE k.due_on > t.day AND EXISTS (
                   SELECT FROM visits_reminder r
                   WHERE r.callback_id = k.id AND r.digest_id = d.id)) AS ahead
        FROM visits_callback k JOIN clients_client c ON c.id = k.client_id
        WHERE {_OWN}) n
    WHERE d.id = ANY (%(plain)s) ORDER BY d.id
"""  # noqa: S608

_SENT = """
    UPDATE visits_digest SET status = 'sent', sent_at = clock_timestamp(), error = ''
    WHERE id = ANY (%(plain)s)
"""
_REMINDERS = """
    UPDATE visits_reminder SET status = 'sent', reason = ''
    WHERE digest_id = ANY (%(plain)s) AND status = 'leased'
"""


def put(claims: Sequence[Held]) -> set[int]:
    """Write the lines of all plain digests among ``claims``; the keys of those that are done."""
    if not claims:
        return set()
    with transaction.atomic(), connection.cursor() as cursor:
        name_employee(None)
        given: dict[str, Any] = {
            "ids": [claim.pk for claim in claims],
            "attempts": [claim.attempt for claim in claims],
        }
        cursor.execute(_HOLD, given)
        today = trading_days.today()
        held = [key for (key,) in cursor.fetchall()]
        cursor.execute(_PLAIN, {"held": held, "today": today})
        plain: dict[str, Any] = {
            "plain": [key for (key,) in cursor.fetchall()],
            "today": today,
        }
        if plain["plain"]:
            cursor.execute(_FIGURES, plain)
            notify(DIGEST, [_line(*row) for row in cursor.fetchall()])
            for statement in (_SENT, _REMINDERS):
                cursor.execute(statement, plain)
        return set(plain["plain"])


def _line(pk: int, employee: int, due: int, overdue: int, ahead: int) -> Line:
    return Line(employee, f"digest:{pk}", {"due": due, "overdue": overdue, "ahead": ahead})
