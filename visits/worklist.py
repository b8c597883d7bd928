"""Reads of Today: what is overdue and due for one employee, by segment, ready to be drawn.

The page costs the same with ten rows as with ten thousand: figures come from one grouping, and of
each segment only the first rows are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Segment
from crm import trading_days
from staff.models import Employee
from visits import reports
from visits.models import Callback, CallbackPlan, Visit

# Rows drawn on the whole page, shared among the segments.
DRAWN = 32
LEAST = 3
AHEAD = timedelta(days=7)
SIDE = 6


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
    work = own.filter(status=Callback.Status.OPEN)
    groups, figures = _groups(work, day)
    if groups:
        _fill(groups, work.filter(due_on__lte=day), employee, day)
    done = own.filter(status=Callback.Status.DONE, done_on=day)
    names = ("client",)
    done_rows = list(done.select_related(*names).order_by("-done_at")[:SIDE])
    ahead = work.filter(due_on__gt=day, due_on__lte=day + AHEAD) if figures[2] else work.none()
    return Worklist(
        day=day,
        groups=groups,
        overdue=figures[0],
        due=figures[1],
        upcoming=figures[2],
        done=len(done_rows) if len(done_rows) < SIDE else done.count(),
        done_rows=done_rows,
        upcoming_rows=list(ahead.select_related(*names).order_by("due_on", "id")[:SIDE]),
        week_end=day + AHEAD,
    )


def _groups(work: QuerySet[Callback], day: date) -> tuple[list[Group], tuple[int, int, int]]:
    """Segments with work, in the order of their tier, and the figures over all of them."""
    found = (
        work.filter(due_on__lte=day + AHEAD)
        .order_by()
        .values("client__segment")
        .annotate(
            late=Count("pk", filter=Q(due_on__lt=day)),
            now=Count("pk", filter=Q(due_on=day)),
            ahead=Count("pk", filter=Q(due_on__gt=day)),
        )
    )
    counted = {row["client__segment"]: (row["late"], row["now"], row["ahead"]) for row in found}
    figures = [sum(column) for column in zip(*counted.values(), strict=True)] or [0, 0, 0]
    wanted = [key for key, (late, now, _ahead) in counted.items() if late or now]
    segments = Segment.objects.filter(pk__in=wanted).order_by("tier", "pk") if wanted else []
    groups = [
        Group(segment, counted[segment.pk][0] + counted[segment.pk][1], counted[segment.pk][0])
        for segment in segments
    ]
    return groups, (figures[0], figures[1], figures[2])


def _fill(groups: list[Group], work: QuerySet[Callback], employee: Employee, day: date) -> None:
    by_segment = {group.segment.pk: group for group in groups}
    _plans(by_segment)
    first = max(LEAST, DRAWN // len(groups))
    order = [F("due_on").asc(), F("pk").asc()]
    nth = Window(RowNumber(), partition_by=[F("client__segment")], order_by=order)
    rows = list(
        work.annotate(nth=nth)
        .filter(nth__lte=first)
        .select_related("client", "plan")
        .prefetch_related("client__phones")
        .order_by("due_on", "pk")
    )
    last = _last_visits(rows, employee)
    draw = _Drawing(rows[0].due_on if rows else day, day)
    for row in rows:
        group = by_segment[row.client.segment_id]
        group.rows.append(draw.row(row, last.get(row.client_id)))
    for group in groups:
        group.more = group.count - len(group.rows)


def _plans(groups: dict[int, Group]) -> None:
    plans = CallbackPlan.objects.filter(segment__in=groups, valid_to=None).select_related("script")
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
    return {visit.client_id: visit for visit in visits.select_related("outcome")}


class _Drawing:
    """Texts of rows; words and trading days are looked up once."""

    def __init__(self, earliest: date, day: date) -> None:
        self.day = day
        self.trading = trading_days.between(earliest, day) if earliest < day else []
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
