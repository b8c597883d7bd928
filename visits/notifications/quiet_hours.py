"""Quiet hours: an employee's own, else those of the nearest branch's policy."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone

from staff.models import Employee
from staff.policies import FIRM, by_path
from visits.models import QuietHours
from visits.notifications.policies import QUIET_FROM, QUIET_TO

# Whether the employee of digest ``l`` is not to be disturbed now. Equal times mean never.
QUIET = """
    EXISTS (
        SELECT FROM staff_employee e
        LEFT JOIN staff_branch b ON b.id = e.branch_id
        LEFT JOIN visits_quiethours q ON q.employee_id = e.id
        LEFT JOIN LATERAL (
            SELECT own.quiet_from, own.quiet_to
            FROM unnest(%(paths)s::text[], %(froms)s::time[], %(tos)s::time[])
                 own (path, quiet_from, quiet_to)
            WHERE starts_with(COALESCE(b.path, '/'), own.path)
            ORDER BY length(own.path) DESC LIMIT 1) p ON true
        CROSS JOIN LATERAL (
            SELECT COALESCE(q.quiet_from, p.quiet_from) AS since,
                   COALESCE(q.quiet_to, p.quiet_to) AS until) h
        WHERE e.id = l.employee_id
          AND CASE WHEN h.since <= h.until
                   THEN %(clock)s >= h.since AND %(clock)s < h.until
                   ELSE %(clock)s >= h.since OR %(clock)s < h.until END)
"""


def parameters(now: datetime) -> dict[str, Any]:
    """What ``QUIET`` needs: the policies by path of the branch, and the time of day."""
    local = timezone.localtime(now)
    known: dict[str, dict[str, time]] = {}
    for key, numbers in by_path([QUIET_FROM, QUIET_TO], on=local.date()).items():
        for path, value in numbers.items():
            known.setdefault(path, {})[key] = hour(value)
    firm = known.get(FIRM, {})
    whole = {path: {**firm, **own} for path, own in known.items()}
    paths = [path for path, own in whole.items() if len(own) == 2]
    return {
        "paths": paths,
        "froms": [whole[path]["quiet_from"] for path in paths],
        "tos": [whole[path]["quiet_to"] for path in paths],
        "clock": local.time(),
    }


def hour(value: Decimal) -> time:
    """21.50 is half past nine in the evening."""
    minutes = int(value * 60) % (24 * 60)
    return time(minutes // 60, minutes % 60)


def of(employee: Employee) -> tuple[time, time] | None:
    """The quiet hours of ``employee``; ``None`` if no policy sets any."""
    own = QuietHours.objects.filter(employee=employee).first()
    if own:
        return own.quiet_from, own.quiet_to
    values = parameters(timezone.now())
    here = employee.branch.path if employee.branch else "/"
    near = [n for n, path in enumerate(values["paths"]) if here.startswith(path)]
    if not near:
        return None
    best = max(near, key=lambda n: len(values["paths"][n]))
    return values["froms"][best], values["tos"][best]
