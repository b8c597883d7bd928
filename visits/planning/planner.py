"""Planning of callbacks: reconciles the table with what state wants (docs/callbacks.md).

Nothing here depends on when it runs: a second run changes nothing, and a run that comes late ends
in the same rows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection

from clients.birthdays import lunar_places
from clients.models import Segment
from crm import trading_days
from staff.middleware import system_work
from staff.models import Employee
from staff.policies import by_branch, number
from visits.planning import merge_statements, statements
from visits.planning.capacity import Item, Levels
from visits.planning.day_statements import MARGIN_DAYS
from visits.planning.policies import (
    AHEAD_DAYS,
    CALL_DAYS,
    CAPACITY,
    EXPIRY_DAYS,
    GAP_DAYS,
    WINDOW_MONTHS,
)
from visits.planning.steps import Placed, Queries, Steps, Summary, Tables

MARGIN = timedelta(days=MARGIN_DAYS)
# So many clients at most are planned without tables.
FEW = 20
# Firm and segment runs exclude each other; a single client's planning goes beside them.
PLANNING_LOCK = 715_260_041
_LOCK = "SELECT id FROM clients_client WHERE id = ANY (%s) ORDER BY id FOR UPDATE"
# The policies by the names that the SQL of planning has for them.
_NUMBERS = {
    "capacity": CAPACITY,
    "call_days": CALL_DAYS,
    "window_months": WINDOW_MONTHS,
    "expiry_days": EXPIRY_DAYS,
    "gap": GAP_DAYS,
    "ahead": AHEAD_DAYS,
}
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
    with system_work(savepoint=False), connection.cursor() as cursor:
        if clients is None:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PLANNING_LOCK])
        else:
            cursor.execute(_LOCK, [list(clients)])
        parameters = _parameters(segment, clients, on or trading_days.today())
        cursor.execute(statements.SETTLE_NUMBERS, parameters)
        few = clients is not None and segment is None and len(clients) <= FEW
        return _reconcile(Queries(cursor, parameters) if few else Tables(cursor, parameters))


def _parameters(
    segment: Segment | None, clients: Collection[int] | None, day: date
) -> dict[str, Any]:
    return {
        "today": day,
        "zone": settings.TIME_ZONE,
        "segment": segment.pk if segment else None,
        "clients": list(clients) if clients is not None else None,
        "computed_closed_days": trading_days.computed_closed_days(day.year),
        **_birthdays(day),
        **by_branch(_NUMBERS, on=day),
    }


def capacity_of(employee: Employee) -> int:
    """Callbacks that one trading day of ``employee`` holds."""
    return int(number(CAPACITY, on=trading_days.today(), branch=employee.branch))


@lru_cache(maxsize=4)
def _birthdays(today: date) -> dict[str, str]:
    """The birthdays of these weeks, as the SQL of planning takes them: arrays, written out once."""
    places, lunar, days = zip(*_birthdays_around(today), strict=True)
    return {
        "birthday_places": _array(places),
        "birthday_lunar": _array(lunar),
        "birthday_days": _array(days),
    }


def _array(values: Iterable[object]) -> str:
    """The text of an array of numbers, booleans or dates."""
    return f"{{{','.join(map(str, values))}}}"


def _birthdays_around(today: date) -> Iterator[tuple[int, bool, date]]:
    """Month and day, solar or lunar, of each day around ``today``.

    Clients born on a leap day are congratulated on 28 February in other years.
    """
    for days in range(-BIRTHDAYS_AFTER, BIRTHDAYS_AHEAD):
        day = today + timedelta(days=days)
        yield day.month * 100 + day.day, False, day
        if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3:
            yield 229, False, day
        for place in lunar_places(day):
            yield place, True, day


def _reconcile(steps: Steps) -> Counts:
    """Work out what state wants and put the table right; nothing is asked for that has no rows."""
    wanted = steps.want()
    acts = wanted.acts
    cancelled = steps.execute(statements.CANCEL)
    moved = created = 0
    if wanted.first is not None and wanted.last is not None:
        steps.place(_placed(steps, wanted, wanted.first, wanted.last))
    if acts & {"move", "reopen"}:
        moved += steps.execute(statements.MOVE)
    # Before the new rows: statistics that have not seen them would choose a nested loop.
    if "rename" in acts:
        steps.execute(statements.RENAME_PLAN)
    if "insert" in acts:
        created += steps.execute(statements.INSERT)
    # Before the joining: what joins goes with whoever works the row that it joins.
    followed = steps.execute(statements.FOLLOW)
    if "join" in acts:
        moved += steps.execute(merge_statements.JOIN)
        created += steps.execute(merge_statements.INSERT_JOINED)
    steps.execute(merge_statements.ALSO)
    return Counts(
        created=created, kept=wanted.known - moved, moved=moved + followed, cancelled=cancelled
    )


def _placed(steps: Steps, wanted: Summary, first: date, last: date) -> Iterator[Placed]:
    """Day and overload of each row to place, between the days ``first`` and ``last``."""
    # Beyond the last window, so that there is a trading day however long a holiday lasts.
    days = trading_days.between(first, last + MARGIN)
    # Nothing is placed beyond the windows, so what is planned there need not be known.
    end = days[bisect_left(days, last)]
    people = list(steps.rows(statements.PEOPLE, employees=wanted.employees))
    capacities = {employee: capacity for employee, capacity, _away in people}
    levels = Levels(days, capacities, wanted.shares)
    load = steps.rows(statements.LOAD, first_on=first, last_on=end, employees=wanted.employees)
    levels.load(load)
    for employee, _capacity, away in people:
        for starts_on, ends_on in away:
            levels.block(employee, starts_on, ends_on)
    for item, day, over in levels.place(Item(*row) for row in steps.rows(statements.TO_PLACE)):
        yield item.client, item.kind, item.occurrence, day, over


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
