"""Reads of Today: overdue and due callbacks of one employee by segment, ready for the template.

The page is opened all day long, so one statement brings the day's callbacks as plain columns. More
than a person can do in weeks are not read but counted: the page costs the same with ten thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.query import RawQuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Segment
from crm import trading_days
from crm.addresses import address
from crm.localized import localized
from crm.navigation import Waiting
from staff.models import Employee
from visits import wording
from visits.agenda import appointments, today_rows
from visits.agenda.today_rows import COLUMNS, Drawing, Line, Row
from visits.contacts import attempts
from visits.models import Callback, Channel
from visits.querysets import CLOSED_WITH_ANOTHER, visible_sql

# Rows shown on the whole page, distributed among the segments; at least so many of each.
DRAWN = 25
LEAST = 3
# Rows shown in each list at the side.
SIDE = 6
AHEAD = timedelta(days=7)
# Callbacks read for display and counting; if there are more, the database counts.
READ = 150


# Overdue, due today, coming up, done today.
_Figures = tuple[int, int, int, int]


@dataclass
class Group:
    """Some of the work with its first rows: what is late, due or ahead, or that of a segment."""

    title: str
    count: int
    tone: str = ""
    note: str = ""
    # The rest of the query of the list of callbacks that has all of it.
    query: str = ""
    segment: Segment | None = None
    script: str = ""
    script_url: str = ""
    rows: list[Row] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.rows)

    @property
    def rest(self) -> str:
        return ngettext("%(n)s more", "%(n)s more", self.more) % {"n": self.more}


@dataclass
class Worklist:
    """The context of Today: the employee's own callbacks."""

    day: date
    trades: bool
    groups: list[Group]
    overdue: int
    due: int
    upcoming: int
    done: int
    done_rows: list[Line]
    meetings: list[appointments.Coming]
    week_end: date
    # The first of what is due and does not rest, and how many those are; '' for none.
    first_url: str
    in_a_row: int

    @property
    def next_meeting(self) -> appointments.Coming | None:
        """The first one that lies ahead today, or on another day."""
        return next((row for row in self.meetings if not row.late), None)

    @property
    def clock(self) -> str:
        """The time now, in the branch's zone."""
        return f"{timezone.localtime():%H:%M}"

    @property
    def all(self) -> int:
        """What was, or is, to be done by today."""
        return self.overdue + self.due + self.done


# Written out, since every page asks it.
_WAITING = f"""
SELECT count(*), count(*) FILTER (WHERE k.due_on < %(today)s)
FROM visits_callback k
JOIN clients_client c ON c.id = k.client_id
JOIN staff_employee e ON e.id = %(employee)s
WHERE k.employee_id = %(employee)s AND k.status = 'open' AND k.due_on <= %(today)s
  AND {visible_sql("k", today="%(today)s")}
"""  # noqa: S608


def waiting(employee: Employee) -> Waiting:
    """How many callbacks of the employee are due by now, as Today counts them; one query."""
    if not employee.may_own_clients:
        return Waiting(0)
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"employee": employee.pk, "today": trading_days.today()})
        number, late = cursor.fetchone()
    return Waiting(number, late=late > 0)


def of(employee: Employee, *, by_segment: bool = False) -> Worklist:
    """The worklist of ``employee`` as of the business date; five queries, two more in overload.

    What is late comes first, then what is due, then what can be done ahead; or, ``by_segment``, what
    is late or due of each segment in the order of the tiers.
    """
    day = trading_days.today()
    own = Callback.objects.visible_to(employee).filter(employee=employee)
    due_soon = Q(status=Callback.Status.OPEN, due_on__lte=day + AHEAD)
    work = own.filter(due_soon | Q(status=Callback.Status.DONE, done_on=day))
    work = work.exclude(CLOSED_WITH_ANOTHER)
    first_columns = work.order_by("due_on", "pk").values_list(*COLUMNS)[: READ + 1]
    lines = [Line._make(columns) for columns in first_columns]
    figures = _figures(lines, day) if len(lines) <= READ else _counted(work, day)
    late, now, ahead, done = (
        sum(column) for column in zip((0, 0, 0, 0), *figures.values(), strict=True)
    )
    due = [line for line in lines if line.done_at is None and line.due_on <= day]
    since = due[0].due_on if due else day
    # What rests until a later time of today stands behind what waits now; the order stays else.
    moment = timezone.now()
    due.sort(key=lambda line: line.rests(moment))
    trading = trading_days.between(since, day)
    draw = Drawing(trading, day)
    if by_segment:
        groups = _by_segment(due, figures, employee, draw)
    else:
        coming = [line for line in lines if line.done_at is None and line.due_on > day]
        groups = _by_lateness([*due, *coming], (late, now, ahead), employee, draw)
    return Worklist(
        day=day,
        trades=day in trading,
        groups=groups,
        overdue=late,
        due=now,
        upcoming=ahead,
        done=done,
        done_rows=_newest_done(lines),
        meetings=_meetings(lines, own, day),
        week_end=day + AHEAD,
        first_url=due[0].url if due and not due[0].rests(moment) else "",
        in_a_row=late + now - sum(line.rests(moment) for line in due),
    )


def _meetings(lines: list[Line], own: QuerySet[Callback], day: date) -> list[appointments.Coming]:
    """The next appointments, and those of the last days without an entry."""
    kind, since = Callback.Kind.APPOINTMENT, day - AHEAD
    if len(lines) > READ:
        meetings = own.filter(
            kind=kind, status=Callback.Status.OPEN, due_on__range=(since, day + AHEAD)
        )
        columns = meetings.order_by("starts_at", "pk").values_list(*COLUMNS)[:SIDE]
        lines = [Line._make(values) for values in columns]
    rows = [
        (line.starts_at, line)
        for line in lines
        if line.kind == kind and line.starts_at and line.done_at is None and line.due_on >= since
    ]
    return [
        appointments.coming(line.url, line.salutation, at, line.place, day)
        for at, line in sorted(rows, key=lambda pair: pair[0])[:SIDE]
    ]


def _newest_done(lines: list[Line]) -> list[Line]:
    done = [(line.done_at, line) for line in lines if line.done_at is not None]
    return [line for _at, line in sorted(done, key=lambda pair: pair[0], reverse=True)][:SIDE]


def _figures(lines: list[Line], day: date) -> dict[int, _Figures]:
    """Per segment: how many are overdue, due today, coming up, and done today."""
    by_segment: dict[int, list[int]] = {}
    for line in lines:
        counts = by_segment.setdefault(line.segment_id, [0, 0, 0, 0])
        ahead = (line.due_on >= day) + (line.due_on > day)
        counts[ahead if line.done_at is None else 3] += 1
    return {
        segment: (late, now, ahead, done)
        for segment, (late, now, ahead, done) in by_segment.items()
    }


def _counted(work: QuerySet[Callback], day: date) -> dict[int, _Figures]:
    """The same, counted by the database."""
    is_open = Q(status=Callback.Status.OPEN)
    rows = (
        work.order_by()
        .values("client__segment")
        .annotate(
            late=Count("pk", filter=is_open & Q(due_on__lt=day)),
            now=Count("pk", filter=is_open & Q(due_on=day)),
            ahead=Count("pk", filter=is_open & Q(due_on__gt=day)),
            done=Count("pk", filter=~is_open),
        )
    )
    columns = rows.values_list("client__segment", "late", "now", "ahead", "done")
    return {segment: (late, now, ahead, done) for segment, late, now, ahead, done in columns}


def _by_lateness(
    work: Sequence[Line], counts: tuple[int, int, int], employee: Employee, draw: Drawing
) -> list[Group]:
    """Late, due today, and ahead, as far as there is any of each."""
    late, now, ahead = counts
    groups = [
        Group(_("Overdue"), late, "late", query="overdue"),
        Group(_("Due today"), now, query="due_today"),
        Group(
            _("Can be done ahead"),
            ahead,
            "muted",
            query=f"upcoming&due_to={(draw.day + AHEAD).isoformat()}",
        ),
    ]
    parts = [
        [line for line in work if line.due_on < draw.day][:DRAWN],
        [line for line in work if line.due_on == draw.day],
        [line for line in work if line.due_on > draw.day][:SIDE],
    ]
    parts[1] = parts[1][: max(LEAST, DRAWN - len(parts[0]))]
    rows = _drawn(parts, employee, draw, named=True)
    for group, drawn in zip(groups, rows, strict=True):
        group.rows = drawn
    return [group for group in groups if group.count]


def _drawn(
    parts: Sequence[Sequence[Line]], employee: Employee, draw: Drawing, *, named: bool
) -> list[list[Row]]:
    """The rows of each part; ``named``: with the name of the segment."""
    lines = [line for part in parts for line in part]
    if any(line.attempts > 1 for line in lines):
        draw.limit = attempts.rule(attempts.ATTEMPTS, employee.branch)
    about = today_rows.about({line.client_id for line in lines})
    segments = {line.segment_id for line in lines} if named else set()
    names = {pk: str(row) for pk, row in Segment.objects.in_bulk(segments).items()}
    return [
        [draw.row(line, about[line.client_id], names.get(line.segment_id, "")) for line in part]
        for part in parts
    ]


def _by_segment(
    due: Sequence[Line], figures: dict[int, _Figures], employee: Employee, draw: Drawing
) -> list[Group]:
    """Segments with work in the order of their tier, with their first rows rendered."""
    busy = [segment for segment, (late, now, *_rest) in figures.items() if late or now]
    if not busy:
        return []
    each = DRAWN if len(due) <= DRAWN else max(LEAST, DRAWN // len(busy))
    parts: dict[int, list[Line]] = {segment: [] for segment in busy}
    for line in due:
        if len(parts[line.segment_id]) < each:
            parts[line.segment_id].append(line)
    rows = dict(zip(parts, _drawn(list(parts.values()), employee, draw, named=False), strict=True))
    groups = []
    for segment in _with_plans(busy):
        late, now, *_rest = figures[segment.pk]
        group = Group(
            str(segment),
            late + now,
            "late" if late else "",
            query=f"to_do&segment={segment.pk}",
            segment=segment,
            rows=rows[segment.pk],
        )
        if segment.channel:
            cadence = wording.cadence_text(segment.every, segment.unit)
            group.note = " · ".join(filter(None, [cadence, str(Channel(segment.channel).label)]))
        if segment.script_pk:
            group.script = localized(segment, "script_name")
            group.script_url = address("visits:script", segment.script_pk)
        groups.append(group)
    return groups


_WITH_PLANS = """
SELECT s.*, p.every, p.unit, p.channel, p.script_id AS script_pk,
       c.name_zh AS script_name_zh, c.name_en AS script_name_en
FROM clients_segment s
LEFT JOIN visits_callbackplan p ON p.segment_id = s.id AND p.valid_to IS NULL
LEFT JOIN visits_script c ON c.id = p.script_id
WHERE s.id = ANY (%s) ORDER BY s.tier, s.id
"""


def _with_plans(segments: Sequence[int]) -> RawQuerySet[Any]:
    """Segments with the plan in force and its script, where there is one."""
    return Segment.objects.raw(_WITH_PLANS, [list(segments)])
