"""Digests into the inbox, many at once: the line and the confirmation are one transaction.

Only the plain case: every reminder still holds, and the employee sees the client because they
serve it. Whatever needs a second look is left to ``visits.delivery``, one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from crm import trading_days
from crm.addresses import address
from staff.middleware import name_employee

if TYPE_CHECKING:
    from visits.notifications.digests import Claim

# The access rule for whoever serves clients, over many employees (clients.querysets.seen_by).
_SERVED = """
    k.employee_id = d.employee_id AND c.manager_id = d.employee_id AND NOT k.confidential
    AND k.status = 'open'
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
    HAVING bool_and({_SERVED} AND k.due_on = r.due_on AND NOT r.escalated)
"""  # noqa: S608

_HOLD = """
    SELECT d.id FROM visits_digest d
    JOIN unnest(%(ids)s::bigint[], %(attempts)s::int[]) h (id, attempt) ON h.id = d.id
    WHERE d.status = 'leased' AND d.attempts = h.attempt AND d.channel = 'in_app'
    ORDER BY d.id FOR UPDATE OF d
"""

_TELL = f"""
    INSERT INTO staff_notification (employee_id, kind, key, params, url, created_at)
    SELECT d.employee_id, 'digest', 'digest:' || d.id,
           jsonb_build_object('due', n.due, 'overdue', n.overdue, 'ahead', n.ahead), %(url)s,
           clock_timestamp()
    FROM visits_digest d
    CROSS JOIN LATERAL (SELECT GREATEST(d.day, %(today)s::date) AS day) t
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE k.due_on = t.day) AS due,
               count(*) FILTER (WHERE k.due_on < t.day) AS overdue,
               count(*) FILTER (WHERE k.due_on > t.day AND EXISTS (
                   SELECT FROM visits_reminder r
                   WHERE r.callback_id = k.id AND r.digest_id = d.id)) AS ahead
        FROM visits_callback k JOIN clients_client c ON c.id = k.client_id
        WHERE {_SERVED}) n
    WHERE d.id = ANY (%(plain)s)
    ON CONFLICT (key) DO NOTHING
"""  # noqa: S608

_SENT = """
    UPDATE visits_digest SET status = 'sent', sent_at = clock_timestamp(), error = ''
    WHERE id = ANY (%(plain)s)
"""
_REMINDERS = """
    UPDATE visits_reminder SET status = 'sent', reason = ''
    WHERE digest_id = ANY (%(plain)s) AND status = 'leased'
"""


def put(claims: Sequence[Claim]) -> set[int]:
    """Write the lines of all plain digests among ``claims``; the keys of those that are done."""
    if not claims:
        return set()
    with transaction.atomic(), connection.cursor() as cursor:
        name_employee(None)
        given: dict[str, Any] = {
            "ids": [claim.digest_id for claim in claims],
            "attempts": [claim.attempt for claim in claims],
        }
        cursor.execute(_HOLD, given)
        cursor.execute(_PLAIN, {"held": [key for (key,) in cursor.fetchall()]})
        plain: dict[str, Any] = {
            "plain": [key for (key,) in cursor.fetchall()],
            "today": trading_days.today(),
            "url": address("visits:today"),
        }
        if plain["plain"]:
            for statement in (_TELL, _SENT, _REMINDERS):
                cursor.execute(statement, plain)
        return set(plain["plain"])
