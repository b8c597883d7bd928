"""Figures of the board, live and through the viewer's scope: a few grouped statements.

Every figure carries the address of the list that it counts; docs/figures.md says what each counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, F, IntegerField, Q, QuerySet, Subquery, Sum, Value

from clients.models import Client, Lifecycle, Segment
from crm.addresses import lazy_address
from crm.shares import Share
from crm.trading_days import today
from pipeline.board.list_filter import moves_between
from pipeline.models import Opportunity, OpportunityKind, Stage
from staff import small_samples
from staff.scope_filter import ScopeFilter
from visits.models import Callback, Visit
from visits.querysets import CLOSED_WITH_ANOTHER

WEEKS = 12
CONVERSION_DAYS = 90
# Rows of managers on one page; the most overdue come first.
MANAGERS = 40

CLIENTS, CALLBACKS = lazy_address("clients:list"), lazy_address("visits:callbacks")
VISITS, OPPORTUNITIES = lazy_address("visits:list"), lazy_address("pipeline:opportunities")
BOARD = lazy_address("dashboards:board")


def link(page: str, *parameters: dict[str, Any], **more: Any) -> str:
    """Address of a list with its filters."""
    chosen = {name: value for part in (*parameters, more) for name, value in part.items()}
    return f"{page}?{urlencode(chosen)}" if chosen else page


@dataclass(frozen=True)
class Figure:
    """A number and the list that it counts."""

    value: int
    url: str


@dataclass
class Work:
    """Clients and callbacks of one manager, one branch, or of all together."""

    clients: int = 0
    prospects: int = 0
    open: int = 0
    due: int = 0
    overdue: int = 0
    done: int = 0
    crowded: int = 0
    unassigned: int = 0

    @property
    def is_shown(self) -> bool:
        """Whether any of the numbers of a line is more than none."""
        return bool(self.clients or self.due or self.overdue or self.done)

    def add(self, row: dict[str, Any]) -> None:
        """Count in one row of the grouped statements."""
        for name in _COUNTED:
            setattr(self, name, getattr(self, name) + row.get(name, 0))


_COUNTED = ("clients", "prospects", "open", "due", "overdue", "done", "crowded", "unassigned")


@dataclass(frozen=True)
class BoardRow:
    """One row of the table of managers or branches, each number with its list."""

    name: str
    url: str
    clients: Figure
    due: Figure
    overdue: Figure
    done: Figure


@dataclass(frozen=True)
class Step:
    """A stage of the funnel."""

    stage: Stage
    current: Figure
    reached: Figure
    # Of those, how many came to the stage after; None at the last one.
    on: Share | None


@dataclass(frozen=True)
class Week:
    """Contacts of one week that begins on ``start``."""

    start: date
    end: date
    visits: Figure


@dataclass
class Board:
    """Everything the page shows."""

    day: date
    monday: date
    # First day of the account openings that the funnel counts.
    since: date
    total: Work
    links: dict[str, str]
    segments: list[tuple[Segment, Figure]]
    managers: list[BoardRow]
    managers_left_out: int
    # What stands in no line of the table: people of other branches or who left, and nobody.
    managers_rest: Work
    branches: list[BoardRow]
    weeks: list[Week]
    satisfaction: tuple[float | None, float | None]
    answers: int
    funnel: list[Step] = field(default_factory=list)
    lost: Step | None = None


def board(scope: ScopeFilter) -> Board:
    """The figures of whom ``scope`` names, within its viewer's scope."""
    day = today()
    monday = day - timedelta(days=day.weekday())
    chosen: dict[str, Any] = dict(scope.asked)
    client_rows = _clients(scope)
    rows = [*client_rows, *_callbacks(scope, day, monday)]
    total = Work()
    for row in rows:
        total.add(row)
    week = {"status": "done", "done_from": monday, "done_to": day}
    links = {
        "clients": link(CLIENTS, chosen, lifecycle="client"),
        "prospects": link(CLIENTS, chosen, lifecycle="prospect"),
        "done": link(CALLBACKS, chosen, week),
        **{
            name: link(CALLBACKS, chosen, status=status)
            for name, status in (
                ("open", "open"),
                ("due", "due_today"),
                ("overdue", "overdue"),
                ("crowded", "over_capacity"),
                ("unassigned", "unassigned"),
            )
        },
    }
    managers = _lines(
        rows,
        "at_manager",
        {row.pk: str(row) for row in scope.managers},
        week,
        lambda key: (chosen | {"manager": key}, link(BOARD, chosen, manager=key)),
    )
    branches = {row.pk: str(row) for row in scope.branches}
    enough = small_samples.enough()
    weeks, satisfaction, answers = _visits(scope, day, monday, enough)
    links["satisfaction"] = link(
        VISITS, chosen, {"rated": 1, "date_from": weeks[0].start, "date_to": day}
    )
    made = Board(
        day=day,
        monday=monday,
        since=day - timedelta(days=CONVERSION_DAYS),
        total=total,
        links=links,
        segments=_segments(client_rows, chosen),
        managers=managers[:MANAGERS],
        managers_left_out=max(0, len(managers) - MANAGERS),
        managers_rest=_rest(rows, {row.pk for row in scope.managers}),
        branches=_lines(
            rows,
            "at_branch",
            branches,
            week,
            lambda key: ({"branch": key}, link(BOARD, branch=key)),
        ),
        weeks=weeks,
        satisfaction=satisfaction,
        answers=answers,
    )
    made.funnel, made.lost = _funnel(scope, day, enough)
    return made


def _clients(scope: ScopeFilter) -> list[dict[str, Any]]:
    """Clients and prospects per branch, manager and segment."""
    rows = Client.objects.visible_to(scope.viewer)
    rows = scope.narrow_scope(rows, "manager", "branch")
    is_client, is_prospect = Q(lifecycle=Lifecycle.CLIENT), Q(lifecycle=Lifecycle.PROSPECT)
    grouped = rows.order_by().values(
        "segment_id", at_branch=F("branch_id"), at_manager=F("manager_id")
    )
    # Of these columns alone, so that the index client_counting answers.
    counted = grouped.annotate(
        everyone=Count("*"),
        clients=Count("lifecycle", filter=is_client),
        prospects=Count("lifecycle", filter=is_prospect),
    )
    return [dict(row) for row in counted]


def _callbacks(scope: ScopeFilter, day: date, monday: date) -> list[dict[str, Any]]:
    """Open callbacks and those done this week, per branch and employee, in one statement."""
    rows = Callback.objects.visible_to(scope.viewer, confidential=False)
    rows = scope.narrow_scope(rows, "employee", "client__branch").order_by()
    keys = {"at_branch": F("client__branch_id"), "at_manager": F("employee_id")}
    opened = (
        rows.filter(status=Callback.Status.OPEN)
        .values(**keys)
        .annotate(
            open=Count("pk"),
            due=Count("pk", filter=Q(due_on=day)),
            overdue=Count("pk", filter=Q(due_on__lt=day)),
            crowded=Count("pk", filter=Q(over_capacity=True)),
            unassigned=Count("pk", filter=Q(employee=None)),
            done=Value(0, output_field=IntegerField()),
        )
    )
    nothing = Value(0, output_field=IntegerField())
    finished = rows.filter(done_on__range=(monday, day), status=Callback.Status.DONE)
    finished = finished.exclude(CLOSED_WITH_ANOTHER)
    done = finished.values(**keys).annotate(
        open=nothing,
        due=nothing,
        overdue=nothing,
        crowded=nothing,
        unassigned=nothing,
        done=Count("pk"),
    )
    return [dict(row) for row in opened.union(done, all=True)]


def _rest(rows: Iterable[dict[str, Any]], known: set[int]) -> Work:
    """``rows`` of employees not in ``known``, and rows without one."""
    rest = Work()
    for row in rows:
        if row["at_manager"] not in known:
            rest.add(row)
    return rest


def _lines(
    rows: Iterable[dict[str, Any]],
    key: str,
    names: dict[int, str],
    week: dict[str, Any],
    where: Any,
) -> list[BoardRow]:
    """``rows`` summed by ``key``, the most overdue first; ``where`` gives filters and address."""
    sums: dict[int, Work] = {}
    for row in rows:
        if row[key] in names:
            sums.setdefault(row[key], Work()).add(row)
    lines = []
    for pk, work in sums.items():
        chosen, url = where(pk)
        lines.append(
            BoardRow(
                name=names[pk],
                url=url,
                clients=Figure(work.clients, link(CLIENTS, chosen, lifecycle="client")),
                due=Figure(work.due, link(CALLBACKS, chosen, status="due_today")),
                overdue=Figure(work.overdue, link(CALLBACKS, chosen, status="overdue")),
                done=Figure(work.done, link(CALLBACKS, chosen, week)),
            )
        )
    return sorted(lines, key=lambda line: (-line.overdue.value, -line.due.value, line.name))


def _segments(rows: list[dict[str, Any]], chosen: dict[str, Any]) -> list[tuple[Segment, Figure]]:
    """Everyone per segment, prospects and closed ones included, as the list counts them."""
    counts: Counter[int] = Counter()
    for row in rows:
        counts[row["segment_id"]] += row["everyone"]
    return [
        (segment, Figure(counts[segment.pk], link(CLIENTS, chosen, segment=segment.pk)))
        for segment in Segment.objects.all()
        if counts[segment.pk]
    ]


def _visits(
    scope: ScopeFilter, day: date, monday: date, enough: int
) -> tuple[list[Week], tuple[float | None, float | None], int]:
    """Contacts per week, and satisfaction with service and information in that period."""
    first = monday - timedelta(weeks=WEEKS - 1)
    rows = Visit.objects.visible_to(scope.viewer, confidential=False)
    rows = rows.filter(occurred_on__range=(first, day), void=False)
    rows = scope.narrow_scope(rows, "employee", "client__branch")
    # By day and of these columns alone, so that the index visit_by_day answers, in its order.
    grouped = (
        rows.order_by()
        .values(day=F("occurred_on"))
        .annotate(
            visits=Count("*"),
            service=Sum("satisfaction_service"),
            services=Count("satisfaction_service"),
            information=Sum("satisfaction_information"),
            informations=Count("satisfaction_information"),
        )
    )
    days: list[dict[str, Any]] = [dict(row) for row in grouped]
    contacts: Counter[date] = Counter()
    for row in days:
        contacts[row["day"] - timedelta(days=row["day"].weekday())] += row["visits"]
    weeks = []
    for number in range(WEEKS):
        start = first + timedelta(weeks=number)
        end = min(start + timedelta(days=6), day)
        url = link(VISITS, dict(scope.asked), {"date_from": start, "date_to": end})
        weeks.append(Week(start, end, Figure(contacts[start], url)))
    means = _mean(days, "service", enough), _mean(days, "information", enough)
    return weeks, means, sum(row["services"] for row in days)


def _mean(rows: Iterable[dict[str, Any]], name: str, enough: int) -> float | None:
    """The average; ``None`` where there are too few answers for one."""
    given = [(row[name], row[f"{name}s"]) for row in rows if row[f"{name}s"]]
    count = sum(n for _points, n in given)
    return round(sum(points for points, _n in given) / count, 1) if count >= enough else None


def _funnel(scope: ScopeFilter, day: date, enough: int) -> tuple[list[Step], Step | None]:
    """Opportunities per stage now, and how many of a stage went on, by their moves of late."""
    since = day - timedelta(days=CONVERSION_DAYS)
    moves = moves_between(since, day)
    forward = moves.exclude(to_stage__kind=Stage.Kind.LOST).order_by("-to_stage__position")
    kind = OpportunityKind.ACCOUNT_OPENING
    rows: QuerySet[Any] = Opportunity.objects.visible_to(scope.viewer).filter(kind=kind)
    rows = scope.narrow_scope(rows, "owner", "branch").annotate(
        furthest=Subquery(forward.values("to_stage__position")[:1]),
        was_lost=Exists(moves.filter(to_stage__kind=Stage.Kind.LOST)),
    )
    current: Counter[int] = Counter()
    reached: Counter[int] = Counter()
    stages = list(Stage.objects.filter(opportunity_kind=kind).order_by("position", "id"))
    groups = rows.order_by().values_list("stage_id", "furthest", "was_lost")
    for stage_id, furthest, was_lost, count in groups.annotate(n=Count("pk")):
        current[stage_id] += count
        for stage in stages:
            lost = stage.kind == Stage.Kind.LOST
            if was_lost if lost else furthest is not None and furthest >= stage.position:
                reached[stage.pk] += count
    chosen: dict[str, Any] = {"kind": kind.value, **scope.asked}
    period = {"from": since, "to": day}
    made: list[Step] = []
    for stage in stages:
        if not stage.is_active and not current[stage.pk]:
            continue
        now = Figure(current[stage.pk], link(OPPORTUNITIES, chosen, stage=stage.key))
        of_late = Figure(reached[stage.pk], link(OPPORTUNITIES, chosen, period, reached=stage.key))
        made.append(Step(stage, now, of_late, None))
    steps = [step for step in made if step.stage.kind != Stage.Kind.LOST]
    ended = next((step for step in made if step.stage.kind == Stage.Kind.LOST), None)
    after = [step.reached.value for step in steps[1:]]
    led = [
        replace(step, on=Share(step.reached.value, came, enough))
        for step, came in zip(steps, after, strict=False)
    ]
    return [*led, *steps[-1:]], ended
