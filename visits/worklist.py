"""Reads of Today: what is overdue and due for one employee, by segment, ready to be drawn.

The page is opened all day long, so one statement brings the day's callbacks as plain columns. More
than a person can do in weeks are not read but counted: the page costs the same with ten thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, TypedDict

from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.db.models.query import RawQuerySet
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from clients.contacts import mask_phone
from clients.models import Phone, Segment, addressed
from crm import crypto, trading_days
from crm.localized import localized
from staff.models import Employee
from visits import appointments, reports, unreached
from visits.models import Callback, Channel, Visit

# Rows drawn on the whole page, shared among the segments; at least so many of each.
DRAWN = 25
LEAST = 3
# Rows drawn in each list at the side.
SIDE = 6
AHEAD = timedelta(days=7)
# Callbacks read to be drawn and counted; where there are more, the database counts.
READ = 150


class _Line(NamedTuple):
    """One callback of the day with its client, as plain columns."""

    public_id: str
    kind: str
    reason: str
    anchor_on: date
    due_on: date
    done_at: datetime | None
    is_backlog: bool
    over_capacity: bool
    also: list[str]
    attempts: int
    every: int | None
    unit: str | None
    channel: str | None
    client_id: int
    client: str
    segment_id: int
    name: str
    title: str
    risk_grade: str
    calls_refused: bool
    last_contact_on: date | None
    opened_on: date | None
    starts_at: datetime | None
    place: str

    @property
    def url(self) -> str:
        return f"/callbacks/{self.public_id}/"

    @property
    def address(self) -> str:
        return addressed(self.name, self.title)

    @property
    def why(self) -> str:
        cause = reports.Cause(
            kind=self.kind,
            reason=self.reason,
            anchor_on=self.anchor_on,
            due_on=self.due_on,
            every=self.every,
            unit=self.unit or "",
            last_contact_on=self.last_contact_on,
            opened_on=self.opened_on,
        )
        return str(cause)


# Overdue, due today, coming up, done today.
_Figures = tuple[int, int, int, int]
_COLUMNS = (
    Cast("public_id", TextField()),  # shown in addresses only: as text it need not be taken apart
    *("kind", "reason", "anchor_on", "due_on", "done_at", "is_backlog"),
    *("over_capacity", "also", "attempts", "plan__every", "plan__unit"),
    *("plan__channel", "client_id"),
    Cast("client__public_id", TextField()),
    *("client__segment_id", "client__name", "client__title"),
    *("client__risk_grade", "client__calls_refused", "client__last_contact_on"),
    *("client__opened_on", "starts_at", "place"),
)


class Row(TypedDict):
    """One callback as Today draws it: templates find a key faster than an attribute."""

    url: str
    client_url: str
    face: str
    name: str
    small: str
    why: str
    last: str
    stars: str
    state: str
    tone: str
    marks: list[tuple[str, str]]
    attempts: str


@dataclass
class Group:
    """A segment with its first rows."""

    segment: Segment
    count: int
    late: int
    how: str = ""
    script: str = ""
    script_url: str = ""
    rows: list[Row] = field(default_factory=list)
    more: int = 0

    @property
    def size(self) -> str:
        return ngettext("%(n)s callback", "%(n)s callbacks", self.count) % {"n": self.count}

    @property
    def rest(self) -> str:
        return ngettext("%(n)s more", "%(n)s more", self.more) % {"n": self.more}


@dataclass
class Worklist:
    """Everything that Today shows of one's own callbacks."""

    day: date
    trades: bool
    groups: list[Group]
    overdue: int
    due: int
    upcoming: int
    done: int
    done_rows: list[_Line]
    upcoming_rows: list[_Line]
    meetings: list[appointments.Coming]
    week_end: date


def of(employee: Employee) -> Worklist:
    """The worklist of ``employee`` as of the business date; six queries, two more in overload."""
    day = trading_days.today()
    own = Callback.objects.visible_to(employee).filter(employee=employee)
    due_soon = Q(status=Callback.Status.OPEN, due_on__lte=day + AHEAD)
    work = own.filter(due_soon | Q(status=Callback.Status.DONE, done_on=day))
    found = work.order_by("due_on", "pk").values_list(*_COLUMNS)[: READ + 1]
    lines = [_Line._make(columns) for columns in found]
    figures = _figures(lines, day) if len(lines) <= READ else _counted(work, day)
    late, now, ahead, done = (
        sum(column) for column in zip((0, 0, 0, 0), *figures.values(), strict=True)
    )
    due = [line for line in lines if line.done_at is None and line.due_on <= day]
    trading = trading_days.between(due[0].due_on if due else day, day)
    return Worklist(
        day=day,
        trades=day in trading,
        groups=_groups(due, figures, employee, _Drawing(trading, day)),
        overdue=late,
        due=now,
        upcoming=ahead,
        done=done,
        done_rows=_newest_done(lines),
        upcoming_rows=[line for line in lines if line.done_at is None and line.due_on > day][:SIDE],
        meetings=_meetings(lines, own, day),
        week_end=day + AHEAD,
    )


def _meetings(lines: list[_Line], own: QuerySet[Callback], day: date) -> list[appointments.Coming]:
    """The next appointments, and those of the last days without an entry."""
    kind, since = Callback.Kind.APPOINTMENT, day - AHEAD
    if len(lines) > READ:
        found = own.filter(
            kind=kind, status=Callback.Status.OPEN, due_on__range=(since, day + AHEAD)
        )
        columns = found.order_by("starts_at", "pk").values_list(*_COLUMNS)[:SIDE]
        lines = [_Line._make(values) for values in columns]
    rows = [
        (line.starts_at, line)
        for line in lines
        if line.kind == kind and line.starts_at and line.done_at is None and line.due_on >= since
    ]
    return [
        appointments.coming(line.url, line.address, at, line.place, day)
        for at, line in sorted(rows, key=lambda pair: pair[0])[:SIDE]
    ]


def _newest_done(lines: list[_Line]) -> list[_Line]:
    done = [(line.done_at, line) for line in lines if line.done_at is not None]
    return [line for _at, line in sorted(done, key=lambda pair: pair[0], reverse=True)][:SIDE]


def _figures(lines: list[_Line], day: date) -> dict[int, _Figures]:
    """Per segment: how many are overdue, due today, coming up, and done today."""
    found: dict[int, list[int]] = {}
    for line in lines:
        counts = found.setdefault(line.segment_id, [0, 0, 0, 0])
        ahead = (line.due_on >= day) + (line.due_on > day)
        counts[ahead if line.done_at is None else 3] += 1
    return {
        segment: (late, now, ahead, done) for segment, (late, now, ahead, done) in found.items()
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


def _groups(
    due: Sequence[_Line], figures: dict[int, _Figures], employee: Employee, draw: _Drawing
) -> list[Group]:
    """Segments with work, in the order of their tier, with their first rows drawn."""
    busy = [segment for segment, (late, now, *_rest) in figures.items() if late or now]
    if not busy:
        return []
    each = DRAWN if len(due) <= DRAWN else max(LEAST, DRAWN // len(busy))
    parts: dict[int, list[_Line]] = {segment: [] for segment in busy}
    for line in due:
        if len(parts[line.segment_id]) < each:
            parts[line.segment_id].append(line)
    clients = {line.client_id for lines in parts.values() for line in lines}
    if any(line.attempts > 1 for lines in parts.values() for line in lines):
        draw.limit = unreached.rule(unreached.ATTEMPTS, employee.branch)
    last, phones = _last_visits(clients, employee), _phones(clients)
    groups = []
    for segment in _with_plans(busy):
        late, now, *_rest = figures[segment.pk]
        rows = [
            draw.row(line, phones.get(line.client_id, ""), last.get(line.client_id))
            for line in parts[segment.pk]
        ]
        group = Group(segment, late + now, late, rows=rows, more=late + now - len(rows))
        if segment.channel:
            cadence = reports.cadence_text(segment.every, segment.unit)
            group.how = " · ".join(filter(None, [cadence, str(Channel(segment.channel).label)]))
        if segment.script_pk:
            group.script = localized(segment, "script_name")
            group.script_url = f"/scripts/{segment.script_pk}/"
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


def _phones(clients: set[int]) -> dict[int, str]:
    """The first phone of each of these clients, masked."""
    phones = Phone.objects.filter(client__in=clients, valid_to=None).order_by("is_primary", "-pk")
    rows = phones.values_list("client_id", "ciphertext", "key_id")
    newest = {client: (ciphertext, key) for client, ciphertext, key in rows}
    return {client: mask_phone(crypto.decrypt(*number)) for client, number in newest.items()}


def _last_visits(clients: set[int], employee: Employee) -> dict[int, Any]:
    """The newest contact with each of these clients."""
    visits = Visit.objects.visible_to(employee).filter(client__in=clients, void=False)
    visits = visits.order_by("client_id", "-occurred_at", "-id").distinct("client_id")
    rows = visits.values_list(
        *("client_id", "occurred_on", "notes", "suggestions", "answers", "satisfaction_service"),
        *("outcome__name_zh", "outcome__name_en"),
        named=True,
    )
    return {row.client_id: row for row in rows}


@cache
def _marks(_language: str) -> dict[str, tuple[str, str]]:
    """What a row is marked with by its kind: tone and word; regular ones and those by hand not."""
    kinds = Callback.Kind
    tones = {
        kinds.NEW_ACCOUNT: "ok",
        kinds.BIRTHDAY: "ok",
        kinds.COMPLAINT: "late",
        kinds.COMPLIANCE: "muted",
    }
    plain = {kinds.CADENCE, kinds.MANUAL}
    marks = {str(kind): (tones.get(kind, "warn"), str(kind.label)) for kind in kinds}
    marks[str(kinds.EXPIRY)] = ("warn", _("Expiring"))
    return {kind: mark for kind, mark in marks.items() if kind not in plain}


class _Drawing:
    """Texts of rows; words and trading days are looked up once."""

    def __init__(self, trading: list[date], day: date) -> None:
        self.day = day
        self.trading = trading
        self.today = _("Today")
        self.states: dict[date, tuple[str, str]] = {}
        self.kinds = _marks(get_language() or "")
        self.regular = str(Callback.Kind.CADENCE.label)
        self.no_calls = _("No calls")
        self.backlog = _("Backlog")
        self.over = _("Over capacity")
        # Attempts after which another channel is proposed; looked up where a row comes near it.
        self.limit: int | None = None

    def row(self, row: _Line, phone: str, last: Any) -> Row:
        marks = []
        if row.kind in self.kinds:
            marks.append(self.kinds[row.kind])
        for kind in row.also:
            tone, text = self.kinds.get(kind, ("", self.regular))
            marks.append((tone, f"+ {text}"))
        if row.calls_refused:
            marks.append(("late", self.no_calls))
        if row.is_backlog:
            marks.append(("muted", self.backlog))
        if row.over_capacity:
            marks.append(("warn", self.over))
        if row.due_on not in self.states:
            self.states[row.due_on] = self._state(row.due_on)
        state, tone = self.states[row.due_on]
        return Row(
            url=row.url,
            client_url=f"/clients/{row.client}/",
            face=row.name[:1],
            name=row.address,
            small=" · ".join(filter(None, [phone, row.risk_grade])),
            why=row.why,
            last=self._last(last) if last else "",
            stars=reports.STARS[last.satisfaction_service or 0] if last else "",
            state=state,
            tone=tone,
            marks=marks,
            attempts=self._attempts(row) if row.attempts else "",
        )

    def _state(self, due_on: date) -> tuple[str, str]:
        if due_on >= self.day:
            return self.today, "today"
        late = sum(1 for day in self.trading if day > due_on)
        if not late:
            return _("Overdue"), "late"
        return ngettext("%(n)s day late", "%(n)s days late", late) % {"n": late}, "late"

    def _attempts(self, row: _Line) -> str:
        count = row.attempts
        text = ngettext("%(n)s attempt", "%(n)s attempts", count) % {"n": count}
        if self.limit is None:
            return text
        advice = unreached.advice(row.attempts, self.limit, row.channel or Channel.PHONE)
        return " · ".join(filter(None, [text, advice]))

    @staticmethod
    def _last(visit: Any) -> str:
        day = date_format(visit.occurred_on, "MONTH_DAY_FORMAT")
        said = visit.notes or visit.suggestions
        said = said or next((answer["answer"] for answer in reversed(visit.answers)), "")
        text = said if len(said) <= 60 else f"{said[:60]}…"
        return f"{day} · {text or localized(visit, 'outcome__name')}"
