"""The day on which the regular callback would fall, were the client reached today.

The planner's rule for one client ahead of the contact: cadence, trading days, absences, room. What
a person does meanwhile, or another reason to call that joins it, may still move it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from visits.planning.capacity import Item, Levels
from visits.planning.day_statements import MARGIN_DAYS
from visits.planning.statements import AWAY, IDEAL
from visits.wording import cadence_text

# SQL: the plan in force of one client (``client``) with the calendar date counted from ``today``,
# the absences of whoever may make the call, and their load, as JSON; NULL without a cadence.
BASIS = f"""
SELECT json_build_object(
    'every', b.every, 'unit', b.unit, 'window', b.window_days, 'before', b.shift = 'before',
    'share', b.daily_capacity, 'segment', b.segment_id, 'employee', b.employee_id,
    'ideal', b.ideal_on,
    'away', (SELECT json_agg(json_build_array(a.employee_id, a.starts_on, a.ends_on,
                                              a.substitute_id)
                             ORDER BY a.starts_on, a.ends_on, a.substitute_id)
             FROM ({AWAY}) a WHERE a.employee_id = ANY (w.employees)),
    'load', (SELECT json_agg(json_build_array(l.employee_id, l.segment_id, l.due_on, l.calls))
             FROM (SELECT k.employee_id, c.segment_id, k.due_on, count(*) AS calls
                   FROM visits_callback k JOIN clients_client c ON c.id = k.client_id
                   WHERE k.employee_id = ANY (w.employees) AND k.status IN ('open', 'done')
                     AND k.due_on BETWEEN b.ideal_on - {MARGIN_DAYS}
                                      AND b.ideal_on + b.window_days + {MARGIN_DAYS}
                   GROUP BY k.employee_id, c.segment_id, k.due_on) l))
FROM (SELECT p.*, {IDEAL} AS ideal_on
      FROM (SELECT c.manager_id AS employee_id, c.segment_id, p.every, p.unit, p.window_days,
                   p.shift, p.daily_capacity, %(today)s::date AS anchor_on, 1 AS nth
            FROM clients_client c
            JOIN visits_callbackplan p ON p.segment_id = c.segment_id
                AND p.valid_from <= %(today)s AND (p.valid_to IS NULL OR p.valid_to > %(today)s)
            WHERE c.id = %(client)s AND p.every IS NOT NULL AND c.lifecycle <> 'closed'
              AND NOT (c.calls_refused AND p.channel = 'phone')
            ORDER BY p.valid_from DESC LIMIT 1) p) b,
LATERAL (SELECT b.employee_id || array_agg(a.substitute_id) AS employees
         FROM ({AWAY}) a WHERE a.employee_id = b.employee_id) w
"""  # noqa: S608 - of our own parts


@dataclass(frozen=True)
class Regular:
    """The next regular callback: its day, how often the plan asks, whether it had to give way."""

    day: date
    cadence: str
    moved: bool


def last_day(basis: dict[str, Any]) -> date:
    """Up to which day ``regular`` has to know the trading days."""
    ideal = date.fromisoformat(basis["ideal"])
    return ideal + timedelta(days=basis["window"] + MARGIN_DAYS)


def regular(basis: dict[str, Any], days: list[date], capacity: int) -> Regular:
    """The day by ``BASIS``; ``days`` are the trading days from tomorrow to ``last_day``.

    ``capacity``: callbacks that a trading day holds.
    """
    ideal = date.fromisoformat(basis["ideal"])
    natural = days[bisect_left(days, ideal)]
    if basis["before"] and natural != ideal:
        natural = days[max(0, bisect_right(days, ideal) - 1)]
    end = natural + timedelta(days=basis["window"])
    away = [
        (employee, date.fromisoformat(first), date.fromisoformat(last), substitute)
        for employee, first, last, substitute in basis["away"] or ()
    ]
    manager = basis["employee"]
    substitutes = (
        substitute
        for employee, first, last, substitute in away
        if employee == manager and substitute and first <= natural and end <= last
    )
    employee = next(substitutes, manager)
    shares = {basis["segment"]: basis["share"]} if basis["share"] else {}
    levels = Levels(days, {employee: capacity}, shares)
    levels.load(
        (who, segment, date.fromisoformat(day), count)
        for who, segment, day, count in basis["load"] or ()
        if who == employee
    )
    for who, first, last, _substitute in away:
        if who == employee:
            levels.block(who, first, last)
    item = Item(0, "cadence", "", employee, basis["segment"], natural, end)
    _item, day, _over = next(levels.place([item]))
    return Regular(day, cadence_text(basis["every"], basis["unit"]), day != natural)
