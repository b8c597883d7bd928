"""Reads of Today: what is overdue and due for one employee, by segment, ready to be drawn.

The page costs the same with ten rows as with ten thousand: figures come from one grouping, and of
each segment only the first rows are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import RowNumber
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Phone, Segment
from crm import trading_days
from staff.models import Employee
from visits import reports
from visits.models import Callback, CallbackPlan, Visit

# Rows drawn on the whole page, shared among the segments.
DRAWN = 32
LEAST = 3
AHEAD = timedelta(days=7)
SIDE = 6
_NAMES = (*("public_id", "due_on", "client__name", "client__title", "client__public_id"),)
_DRAWN_COLUMNS = (
    *("kind", "reason", "anchor_on", "is_backlog", "over_capacity", "attempts"),
    *("client__risk_grade", "client__last_contact_on", "client__opened_on"),
    *("client__segment__name_zh", "client__segment__name_en", "client__segment__tier"),
    *("plan__every", "plan__unit"),
)


@dataclass
class Row:
    """One callback as Today draws it."""

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
    done_rows: list[Callback]
    upcoming_rows: list[Callback]
    week_end: date


def of(employee: Employee) -> Worklist:
    """The worklist of ``employee`` as of the business date; eight queries, however much is due."""
    day = trading_days.today()
    own = Callback.objects.visible_to(employee).filter(employee=employee)
    work = own.filter(status=Callback.Status.OPEN, due_on__lte=day + AHEAD)
    counted = _counted(work, day)
    late, now, ahead = (sum(column) for column in zip((0, 0, 0), *counted.values(), strict=True))
    busy = sum(1 for figures in counted.values() if figures[0] or figures[1])
    fits = late + now <= DRAWN
    each = DRAWN if fits else max(LEAST, DRAWN // busy)
    shown = work if fits else _first_of_each(work, day, each)
    rows = _rows(shown, late + now + SIDE if fits else None) if counted else []
    due_rows = [row for row in rows if row.due_on <= day]
    trading = trading_days.between(due_rows[0].due_on if due_rows else day, day)
    done = own.filter(status=Callback.Status.DONE, done_on=day).select_related("client")
    done_rows = list(done.only(*_NAMES, "done_at").order_by("-done_at")[:SIDE])
    return Worklist(
        day=day,
        trades=day in trading,
        groups=_groups(due_rows, counted, employee, _Drawing(trading, day), each),
        overdue=late,
        due=now,
        upcoming=ahead,
        done=len(done_rows) if len(done_rows) < SIDE else done.count(),
        done_rows=done_rows,
        upcoming_rows=[row for row in rows if row.due_on > day][:SIDE],
        week_end=day + AHEAD,
    )


def _counted(work: QuerySet[Callback], day: date) -> dict[int, tuple[int, int, int]]:
    """Per segment: how many are overdue, due today, and coming up."""
    found = (
        work.order_by()
        .values("client__segment")
        .annotate(
            late=Count("pk", filter=Q(due_on__lt=day)),
            now=Count("pk", filter=Q(due_on=day)),
            ahead=Count("pk", filter=Q(due_on__gt=day)),
        )
    )
    return {row["client__segment"]: (row["late"], row["now"], row["ahead"]) for row in found}


def _first_of_each(work: QuerySet[Callback], day: date, each: int) -> QuerySet[Callback]:
    """The first rows of each segment, and the first of what comes up."""
    coming = When(due_on__gt=day, then=Value(0))
    part = Case(coming, default=F("client__segment"), output_field=BigIntegerField())
    order = [F("due_on").asc(), F("pk").asc()]
    nth = Window(RowNumber(), partition_by=[part], order_by=order)
    first: QuerySet[Any] = work.annotate(nth=nth).filter(nth__lte=max(each, SIDE))
    return first


def _rows(work: QuerySet[Callback], count: int | None) -> Sequence[Callback]:
    """Rows with all that is drawn of them, the earliest first."""
    phones = Phone.objects.filter(valid_to=None)
    phones = phones.only("client", "ciphertext", "key_id", "valid_to", "is_primary")
    rows = work.select_related("client__segment", "plan")
    rows = rows.prefetch_related(Prefetch("client__phones", phones))
    return list(rows.only(*_NAMES, *_DRAWN_COLUMNS).order_by("due_on", "pk")[:count])


def _groups(
    rows: Sequence[Callback],
    counted: dict[int, tuple[int, int, int]],
    employee: Employee,
    draw: _Drawing,
    each: int,
) -> list[Group]:
    """Segments with work, in the order of their tier, with their first rows drawn."""
    found: dict[int, Group] = {}
    last = _last_visits(rows, employee) if rows else {}
    for row in rows:
        segment = row.client.segment
        late, now, _ahead = counted[segment.pk]
        group = found.setdefault(segment.pk, Group(segment, late + now, late))
        if len(group.rows) < each:
            group.rows.append(draw.row(row, last.get(row.client_id)))
    if found:
        _plans(found)
    for group in found.values():
        group.more = group.count - len(group.rows)
    return sorted(found.values(), key=lambda group: (group.segment.tier, group.segment.pk))


def _plans(groups: dict[int, Group]) -> None:
    plans = CallbackPlan.objects.filter(segment__in=groups, valid_to=None).select_related("script")
    plans = plans.only("segment", "every", "unit", "channel", "script__name_zh", "script__name_en")
    for plan in plans:
        group = groups[plan.segment_id]
        cadence = reports.cadence_text(plan.every, plan.unit)
        group.how = " · ".join(filter(None, [cadence, plan.get_channel_display()]))
        if plan.script is not None:
            group.script = str(plan.script)
            group.script_url = f"/scripts/{plan.script_id}/"


def _last_visits(rows: Sequence[Callback], employee: Employee) -> dict[int, Visit]:
    """The newest contact with each of these clients."""
    clients = {row.client_id for row in rows}
    visits = Visit.objects.visible_to(employee).filter(client__in=clients, void=False)
    visits = visits.order_by("client_id", "-occurred_at", "-id").distinct("client_id")
    visits = visits.select_related("outcome").only(
        *("client", "occurred_on", "notes", "suggestions", "answers", "satisfaction_service"),
        *("outcome__name_zh", "outcome__name_en"),
    )
    return {visit.client_id: visit for visit in visits}


class _Drawing:
    """Texts of rows; words and trading days are looked up once."""

    def __init__(self, trading: list[date], day: date) -> None:
        self.day = day
        self.trading = trading
        self.today = _("Today")
        self.kinds = {Callback.Kind.NEW_ACCOUNT: _("New account"), Callback.Kind.MANUAL: ""}
        self.backlog = _("Backlog")
        self.over = _("Over capacity")

    def row(self, row: Callback, last: Visit | None) -> Row:
        client = row.client
        marks = []
        if row.kind == Callback.Kind.NEW_ACCOUNT:
            marks.append(("ok", self.kinds[Callback.Kind.NEW_ACCOUNT]))
        if row.is_backlog:
            marks.append(("muted", self.backlog))
        if row.over_capacity:
            marks.append(("warn", self.over))
        phone = reports.masked_phone(client)
        state, tone = self._state(row.due_on)
        return Row(
            url=row.get_absolute_url(),
            client_url=client.get_absolute_url(),
            face=client.name[:1],
            name=client.address,
            small=" · ".join(filter(None, [phone, client.risk_grade])),
            why=reports.why(row, client),
            last=self._last(last) if last else "",
            stars=reports.STARS[last.satisfaction_service or 0] if last else "",
            state=state,
            tone=tone,
            marks=marks,
            attempts=_attempts(row.attempts) if row.attempts else "",
        )

    def _state(self, due_on: date) -> tuple[str, str]:
        if due_on >= self.day:
            return self.today, "today"
        late = sum(1 for day in self.trading if day > due_on)
        if not late:
            return _("Overdue"), "late"
        return ngettext("%(n)s day late", "%(n)s days late", late) % {"n": late}, "late"

    @staticmethod
    def _last(visit: Visit) -> str:
        day = date_format(visit.occurred_on, "MONTH_DAY_FORMAT")
        said = visit.notes or visit.suggestions
        said = said or next((answer["answer"] for answer in reversed(visit.answers)), "")
        text = said if len(said) <= 60 else f"{said[:60]}…"
        return f"{day} · {text or visit.outcome}"


def _attempts(count: int) -> str:
    return ngettext("%(n)s attempt", "%(n)s attempts", count) % {"n": count}
