"""Planning of callbacks: reconciles the table with what state wants (docs/callbacks.md#planning).

Nothing here depends on when it runs: a second run changes nothing, and a run that comes late ends
in the same rows.
"""

from __future__ import annotations

import csv
import tempfile
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from clients.birthdays import lunar_places
from clients.models import Client, Segment
from crm import trading_days
from staff.middleware import system_work
from staff.models import Branch, Employee, Policy
from staff.policies import by_branch
from visits.models import CallbackPlan
from visits.planning import merge_statements, reason_statements, statements
from visits.planning.capacity import Item, Levels

# Longer than any holiday: after it there is a trading day.
MARGIN = timedelta(days=90)
# Firm and segment runs exclude each other; a single client's planning goes beside them.
PLANNING_LOCK = 715_260_041
CAPACITY = "callback_daily_capacity"
CALL_DAYS = "new_account_call_days"
WINDOW_MONTHS = "new_account_window_months"
EXPIRY_DAYS = "expiry_lead_days"
GAP_DAYS = "contact_gap_days"
AHEAD_DAYS = "contact_merge_days"
_DEFAULTS = {
    CAPACITY: 20,
    CALL_DAYS: 5,
    WINDOW_MONTHS: 1,
    EXPIRY_DAYS: 30,
    GAP_DAYS: 5,
    AHEAD_DAYS: 14,
}
_TABLES = (
    "visits_base, visits_calendar, visits_wanted, visits_placed, visits_away, visits_fixed,"
    " visits_several, visits_birthdays"
)
# Bytes of rows on their way to the database that memory holds.
SPOOLED = 1_000_000
# A birthday is planned so long before it, and no longer kept so long after it.
BIRTHDAYS_AHEAD, BIRTHDAYS_AFTER = 40, 5


@dataclass(frozen=True)
class Counts:
    """What a planning changed, in callbacks."""

    created: int = 0
    kept: int = 0
    moved: int = 0
    cancelled: int = 0

    @property
    def changed(self) -> int:
        return self.created + self.moved + self.cancelled


@dataclass(frozen=True)
class View:
    """What would have been due in a segment on a day of the past."""

    segment: str
    clients: int
    due: int
    overdue: int


def plan_callbacks(
    *,
    segment: Segment | None = None,
    clients: Collection[int] | None = None,
    on: date | None = None,
) -> Counts:
    """Insert what is missing, move what differs, cancel what is no longer due; all or nothing.

    ``segment`` or ``clients`` (keys) narrow the scope, else the firm is planned. ``on`` is the
    business date that decides which plan and policy are in force (today by default).
    """
    if clients is not None and not clients:
        return Counts()
    with system_work(), connection.cursor() as cursor:
        if clients is None:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PLANNING_LOCK])
        else:
            list(Client.objects.select_for_update().filter(pk__in=clients).order_by("pk"))
        day = on or trading_days.today()
        parameters = _parameters(segment, clients, day)
        _want(cursor, parameters)
        _join(cursor, parameters)
        return _reconcile(cursor, parameters)


def _parameters(
    segment: Segment | None, clients: Collection[int] | None, day: date
) -> dict[str, Any]:
    return {
        "today": day,
        "zone": settings.TIME_ZONE,
        "segment": segment.pk if segment else None,
        "clients": list(clients) if clients is not None else None,
        **_numbers("call_days", CALL_DAYS, day),
        **_numbers("window_months", WINDOW_MONTHS, day),
        **_numbers("expiry_days", EXPIRY_DAYS, day),
        **_numbers("gap", GAP_DAYS, day),
        **_numbers("ahead", AHEAD_DAYS, day),
    }


def _numbers(name: str, key: str, day: date) -> dict[str, list[Any]]:
    """A policy for every branch, as the SQL of planning takes it."""
    return by_branch(name, key, on=day, default=_DEFAULTS[key])


def policy(key: str, branch: Branch) -> int:
    """The number in force today in a branch: ``GAP_DAYS`` and its like."""
    return _policy(key, trading_days.today(), branch)


def capacity_of(employee: Employee) -> int:
    """Callbacks that one trading day of ``employee`` holds."""
    return _policy(CAPACITY, trading_days.today(), employee.branch)


def _policy(key: str, day: date, branch: Branch | None = None) -> int:
    return int(Policy.objects.number(key, on=day, branch=branch, default=_DEFAULTS[key]))


def _want(cursor: Any, parameters: dict[str, Any]) -> None:
    """Fill the temporary tables with what state wants."""
    cursor.execute(f"DROP TABLE IF EXISTS {_TABLES}")
    cursor.execute(statements.LAST)
    parameters["last"] = cursor.fetchone()[0]
    cursor.execute(statements.BASE, parameters)
    cursor.execute(statements.SKIPPED)
    cursor.execute(statements.SPAN, parameters)
    first, last = cursor.fetchone()
    today = parameters["today"]
    span = {
        "first": min(first or today, today - timedelta(days=reason_statements.OCCASION_DAYS))
        - MARGIN,
        "last": max(last or today, today) + MARGIN,
    }
    cursor.execute(statements.CALENDAR, span)
    cursor.execute(statements.AWAY, parameters)
    if parameters["clients"] is None:  # looked into for each callback of the firm
        cursor.execute("CREATE INDEX ON visits_away (employee_id); ANALYZE visits_away")
    cursor.execute(reason_statements.BIRTHDAYS)
    _copy(cursor, "visits_birthdays", _birthdays(today))
    cursor.execute("ANALYZE visits_base; ANALYZE visits_calendar; ANALYZE visits_birthdays")
    cursor.execute(statements.WANTED, parameters)
    cursor.execute("ANALYZE visits_wanted")


def _birthdays(today: date) -> Iterator[Sequence[Any]]:
    """Month and day, solar or lunar, of each day around ``today``.

    Clients born on a leap day are congratulated on 28 February in other years.
    """
    for days in range(-BIRTHDAYS_AFTER, BIRTHDAYS_AHEAD):
        day = today + timedelta(days=days)
        yield day.month * 100 + day.day, "f", day.isoformat()
        if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3:
            yield 229, "f", day.isoformat()
        for place in lunar_places(day):
            yield place, "t", day.isoformat()


def _join(cursor: Any, parameters: dict[str, Any]) -> None:
    """Several reasons become one contact, and contacts keep their distance (docs/callbacks.md)."""
    cursor.execute(statements.LINK)
    # Until now the column was empty: without this a million rows are matched day by day.
    cursor.execute("ANALYZE visits_wanted (callback_id)")
    cursor.execute(merge_statements.FIXED, parameters)
    cursor.execute(merge_statements.JOIN_FIXED, parameters)
    cursor.execute(merge_statements.SEVERAL)
    cursor.execute("ANALYZE visits_several")
    cursor.execute(merge_statements.GATHER, parameters)
    while cursor.rowcount:
        cursor.execute(merge_statements.GATHER, parameters)
    cursor.execute(merge_statements.LEAD, parameters)
    cursor.execute(merge_statements.SUBSTITUTE, parameters)


def _reconcile(cursor: Any, parameters: dict[str, Any]) -> Counts:
    cursor.execute(statements.MATCH)
    cursor.execute("ANALYZE visits_wanted (act, callback_id)")
    cursor.execute(statements.CANCEL, parameters)
    cancelled = cursor.rowcount
    cursor.execute("SELECT count(callback_id) FROM visits_wanted WHERE act <> 'leave'")
    known = cursor.fetchone()[0]
    cursor.execute(
        "CREATE TEMP TABLE visits_placed (client_id bigint, kind text, occurrence text,"
        " due_on date, over_capacity boolean) ON COMMIT DROP"
    )
    _copy(cursor, "visits_placed", _placed(cursor, parameters["today"]))
    cursor.execute("ANALYZE visits_placed")
    cursor.execute(statements.MOVE)
    moved = cursor.rowcount
    # Before the new rows: statistics that have not seen them would choose a nested loop.
    cursor.execute(statements.RENAME_PLAN)
    cursor.execute(statements.INSERT)
    created = cursor.rowcount
    # Before the joining: a joined callback gets the employee of the callback that it joins.
    cursor.execute(statements.FOLLOW, parameters)
    followed = cursor.rowcount
    cursor.execute(merge_statements.JOIN)
    moved += cursor.rowcount
    cursor.execute(merge_statements.INSERT_JOINED)
    created += cursor.rowcount
    cursor.execute(merge_statements.ALSO, parameters)
    return Counts(created=created, kept=known - moved, moved=moved + followed, cancelled=cancelled)


def _placed(cursor: Any, on: date) -> Iterator[Sequence[Any]]:
    """Day and overload of each row to place, read bit by bit: a firm has a million."""
    cursor.execute(statements.EXTENT)
    first, last, employees = cursor.fetchone()
    if first is None:
        return
    # Beyond the last window, so that there is a trading day however long a holiday lasts.
    last = max(first, last) + MARGIN
    levels = Levels(
        trading_days.between(first, last),
        _capacities(employees, on),
        _shares(on),
    )
    with connection.chunked_cursor() as rows:
        rows.execute(statements.LOAD, {"first": first, "last": last, "employees": employees})
        levels.load(rows)
    cursor.execute(statements.BLOCKED, {"employees": employees})
    for employee, starts_on, ends_on in cursor.fetchall():
        levels.block(employee, starts_on, ends_on)
    with connection.chunked_cursor() as rows:
        rows.execute(statements.TO_PLACE)
        for item, day, over in levels.place(Item(*row) for row in rows):
            yield item.client, item.kind, item.occurrence, day.isoformat(), "t" if over else "f"


def _capacities(employees: list[int], on: date) -> dict[int, int]:
    """Calls per trading day of each employee; the nearest branch's policy wins."""
    rows = Employee.objects.filter(pk__in=employees).select_related("branch")
    by_branch: dict[int | None, int] = {}
    found = {}
    for row in rows:
        if row.branch_id not in by_branch:
            by_branch[row.branch_id] = _policy(CAPACITY, on, row.branch)
        found[row.pk] = by_branch[row.branch_id]
    return found


def _shares(on: date) -> dict[int, int]:
    """Calls of a segment per employee and trading day, where its plan limits them."""
    rows = CallbackPlan.objects.valid_on(on).filter(daily_capacity__isnull=False)
    return {row.segment_id: row.daily_capacity for row in rows if row.daily_capacity}


def _copy(cursor: Any, table: str, lines: Iterable[Sequence[Any]]) -> None:
    """COPY ``lines`` into ``table``; what is much waits on the disk, not in memory."""
    with tempfile.SpooledTemporaryFile(SPOOLED, "w+", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
        file.seek(0)
        cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT csv)", file)


def historical_view(*, as_of: date, segment: Segment | None = None) -> list[View]:
    """What would have been due on ``as_of`` from the contacts known then. Writes nothing."""
    with system_work(), connection.cursor() as cursor:
        cursor.execute(
            statements.HISTORY, {"as_of": as_of, "segment": segment.pk if segment else None}
        )
        rows = cursor.fetchall()
    keys = {row.pk: str(row) for row in Segment.objects.all()}
    holidays = _Shift(rows)
    found: dict[int, list[int]] = {}
    for segment_id, ideal_on, count in rows:
        line = found.setdefault(segment_id, [0, 0, 0])
        line[0] += count
        if ideal_on is not None:
            due_on = holidays.shifted(ideal_on)
            line[1] += count if due_on == as_of else 0
            line[2] += count if due_on < as_of else 0
    return [View(keys[pk], *line) for pk, line in sorted(found.items())]


class _Shift:
    """Moves dates to trading days with one query for all of them."""

    def __init__(self, rows: list[tuple[int, date | None, int]]) -> None:
        dates = [row[1] for row in rows if row[1] is not None]
        self.days: list[date] = []
        if dates:
            self.days = trading_days.between(min(dates), max(dates) + MARGIN)

    def shifted(self, day: date) -> date:
        return self.days[bisect_left(self.days, day)]
