"""Reads of the board: opportunities of one kind by stage, optionally in lanes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import ProspectType
from crm.addresses import lazy_address
from crm.localized import listed
from crm.paging import after
from crm.trading_days import today
from pipeline.board import facts
from pipeline.board.cards import COLUMNS, Card, CardBuilder, Line
from pipeline.board.facts import Counted, Facts, Figures
from pipeline.board.filters import NONE
from pipeline.models import Opportunity, OpportunityKind, Stage
from staff.models import Employee

if TYPE_CHECKING:
    from pipeline.board.list_filter import OpportunityListFilter

# First cards of a column, and of a column within a lane; the next come by the same number.
CARDS, LANE_CARDS = 25, 6
# Lanes of one page.
LANES = 12
# Days for which won and lost opportunities stay on the board.
CLOSED_DAYS = 30
LIST, BOARD = lazy_address("pipeline:opportunities"), lazy_address("pipeline:board")
COLUMN = lazy_address("pipeline:column")
# What lanes are made of: their column, and the filter that asks for one lane.
LANES_BY = {"manager": "owner_id", "type": "prospect_type"}
# The most urgent next step first; what is closed by its day, the newest first.
OPEN_ORDER = ("next_step_on", "-stage_since", "-id")
CLOSED_ORDER = ("-stage_since", "-id")


@dataclass(frozen=True)
class Column:
    """A stage, in a lane where there are some: its figures and its first cards."""

    key: str
    name: str
    stage: Stage
    figures: Figures
    amount: str
    cards: list[Card]
    list_url: str
    more: int = 0
    more_url: str = ""

    @property
    def said(self) -> str:
        """Its figures as they are read out."""
        return listed(filter(None, [str(self.figures.count), self.amount]))

    @property
    def more_text(self) -> str:
        """How many cards are not among the first."""
        return ngettext("%(n)s more", "%(n)s more", self.more) % {"n": self.more}


@dataclass(frozen=True)
class Lane:
    """The columns of one manager or one type of prospect; without lanes there is one for all."""

    key: str
    name: str
    figures: Figures
    columns: list[Column]


@dataclass(frozen=True)
class KindTab:
    """One kind of opportunity, as the switch between them shows it."""

    label: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True)
class StageTab:
    """One stage, as phones show them one at a time."""

    key: str
    name: str
    count: int
    url: str


@dataclass
class Board:
    """Everything that the board shows."""

    kind: str
    kinds: list[KindTab]
    stages: list[Stage]
    lanes: list[Lane]
    figures: Figures
    by: str
    # The same board without lanes, and in lanes by each name.
    plain: str
    urls: dict[str, str]
    facts: Facts
    # Key of the stage that a phone shows, and the stages to choose from there.
    here: str = ""
    tabs: list[StageTab] = field(default_factory=list)
    pages: list[tuple[int, str]] = field(default_factory=list)
    page: int = 1


def on_board(rows: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    """Of ``rows``, those in progress and those closed within the last CLOSED_DAYS days."""
    since = today() - timedelta(days=CLOSED_DAYS)
    # What is in progress has no day of closing, by a constraint.
    return rows.filter(Q(closed_on=None) | Q(closed_on__gte=since))


def order_of(stage: Stage) -> tuple[str, ...]:
    return OPEN_ORDER if stage.kind == Stage.Kind.OPEN else CLOSED_ORDER


_NONE = Figures()
# The rows are written into each part, so that its index is used.
_SHOWN = "WITH shown AS NOT MATERIALIZED ({rows})"
_EACH = """SELECT card.* FROM unnest(%s::bigint[], %s::text[]) filled (stage_id, lane), LATERAL (
    SELECT * FROM shown
    WHERE stage_id = filled.stage_id{own} ORDER BY {order} LIMIT %s) card"""
_OF_MANAGER, _OF_NOBODY = " AND owner_id = filled.lane::bigint", " AND owner_id IS NULL"
_OF_TYPE = " AND prospect_type = filled.lane"


class Reading:
    """Reads a board of ``visible`` rows as ``filters`` narrow them; ``by`` names its lanes."""

    def __init__(
        self,
        filters: OpportunityListFilter,
        visible: QuerySet[Opportunity],
        builder: CardBuilder,
        *,
        by: str = "",
    ) -> None:
        self.filters, self.builder, self.by = filters, builder, by
        self.kind = filters.chosen_kind or str(OpportunityKind.ACCOUNT_OPENING)
        filters.every_kind = True
        self.rows = on_board(filters.narrow(visible))
        self._stage_texts: dict[int, tuple[str, str]] = {}

    @property
    def back(self) -> str:
        """The board's own query string."""
        return self.builder.back

    @property
    def level(self) -> int:
        """That of the headings of stages: under those of lanes where there are some."""
        return 3 if self.by else 2

    def board(self, page: int = 1, at: str = "") -> Board:
        """The whole board in three statements; with lanes by manager one more for their names.

        ``at``: key of the stage that a phone asks for; the first with something in it otherwise.
        """
        figures = self._figures()
        stages = [s for s in self._stages() if s.is_active or any(k[1] == s.pk for k in figures)]
        total = sum((f for f in figures.values()), Figures())
        if not self.by:
            lanes, names = [NONE], {NONE: ""}
        else:
            names = self._names({lane for lane, _stage in figures})
            lanes = list(names)[(page - 1) * LANES : page * LANES]
        lines = self._first(stages, [key for key in figures if key[0] in lanes])
        link = self.filters.link
        pages = range(1, -(-len(names) // LANES) + 1)
        return Board(
            kind=self.kind,
            kinds=self._kinds(),
            stages=stages,
            lanes=[self._lane(lane, names[lane], stages, figures, lines) for lane in lanes],
            figures=total,
            by=self.by,
            plain=link(BOARD, kind=self.kind),
            urls={by: link(BOARD, kind=self.kind, lanes=by) for by in LANES_BY},
            facts=self._facts.among(stages, self._link_of_list),
            here=self._here(stages, figures, at),
            tabs=self._tabs(stages, figures),
            pages=[
                (n, link(BOARD, kind=self.kind, lanes=self.by, page=str(n)))
                for n in (pages if len(pages) > 1 else ())
            ],
            page=page,
        )

    def heads(self, line: Line) -> list[Column]:
        """The columns of the lane of ``line``, without cards: their figures as they are now."""
        figures = self._figures()
        stages = [s for s in self._stages() if s.is_active or any(k[1] == s.pk for k in figures)]
        key = self._lane_of(line)
        return self._lane(key, "", stages, figures, {}).columns

    def _lane_of(self, line: Line) -> str:
        if not self.by:
            return NONE
        return str((line.owner_id if self.by == "manager" else line.prospect_type) or NONE)

    def _stages(self) -> list[Stage]:
        return list(Stage.objects.filter(opportunity_kind=self.kind).order_by("position", "id"))

    def _figures(self) -> dict[tuple[str, int], Figures]:
        """Figures by lane and stage of the kind; the counts of the other kinds beside them."""
        lane = [LANES_BY[self.by]] if self.by else []
        grouped = self.rows.order_by().values_list("kind", "stage_id", *lane)
        figures: dict[tuple[str, int], Figures] = {}
        self._counts: dict[str, int] = defaultdict(int)
        self._facts = Counted()
        for kind, stage, *key, count, total, late, gaps, likely in grouped.annotate(
            **facts.counts()
        ):
            self._counts[kind] += count
            if kind == self.kind:
                found = Figures(count, total)
                figures[str((key and key[0]) or NONE), stage] = found
                self._facts.add(stage, found, late, gaps, likely)
        return figures

    def _link_of_list(self, **more: str) -> str:
        """The list of what the board shows of its kind."""
        return self.filters.link(LIST, scope="board", kind=self.kind, **more)

    def _tabs(
        self, stages: Sequence[Stage], figures: dict[tuple[str, int], Figures]
    ) -> list[StageTab]:
        counts: dict[int, int] = defaultdict(int)
        for (_lane, stage), found in figures.items():
            counts[stage] += found.count
        link = self.filters.link(BOARD, kind=self.kind, lanes=self.by, at="")
        return [
            StageTab(
                stage.key, str(stage), counts[stage.pk], f"{link}&{urlencode({'at': stage.key})}"
            )
            for stage in stages
        ]

    @staticmethod
    def _here(stages: Sequence[Stage], figures: dict[tuple[str, int], Figures], at: str) -> str:
        filled = {stage for _lane, stage in figures}
        keys = [stage.key for stage in stages]
        if at in keys or not keys:
            return at
        return next((stage.key for stage in stages if stage.pk in filled), keys[0])

    def _kinds(self) -> list[KindTab]:
        return [
            KindTab(
                str(label),
                self._counts[value],
                self.filters.link(BOARD, kind=value, lanes=self.by),
                value == self.kind,
            )
            for value, label in OpportunityKind.choices
        ]

    def _first(
        self, stages: Sequence[Stage], filled: Sequence[tuple[str, int]]
    ) -> dict[tuple[str, int], list[Line]]:
        """The first cards of the columns ``filled``, by lane and stage, in one statement.

        Each walks its index until it has enough; a column without any would walk it to the end.
        """
        try:
            sql, params = self.rows.order_by().values_list(*COLUMNS).query.sql_with_params()
        except EmptyResultSet:  # the viewer sees nothing, which is known beforehand
            return {}
        orders = {stage.pk: order_of(stage) for stage in stages}
        asked: dict[tuple[str, Sequence[str]], list[tuple[str, int]]] = defaultdict(list)
        for lane, stage in filled:
            asked[self._own(lane), orders[stage]].append((lane, stage))
        if not asked:
            return {}
        parts, values = [], list(params)
        for (own, order), columns in asked.items():
            parts.append(_EACH.format(own=own, order=_sql(order)))
            values += [
                [stage for _lane, stage in columns],
                [_key(lane) for lane, _stage in columns],
            ]
            values.append(LANE_CARDS if self.by else CARDS)
        with connection.cursor() as cursor:
            cursor.execute(f"{_SHOWN.format(rows=sql)} {' UNION ALL '.join(parts)}", values)
            return self._sorted(cursor.fetchall())

    def _own(self, lane: str) -> str:
        """The condition of a lane."""
        if not self.by:
            return ""
        if self.by == "type":
            return _OF_TYPE
        return _OF_NOBODY if lane == NONE else _OF_MANAGER

    def _sorted(self, rows: Iterable[Any]) -> dict[tuple[str, int], list[Line]]:
        found: dict[tuple[str, int], list[Line]] = defaultdict(list)
        for row in rows:
            line = Line._make(row[: len(Line._fields)])
            found[self._lane_of(line), line.stage_id].append(line)
        for lines in found.values():
            lines.sort(key=_urgency)
        return found

    def _names(self, keys: set[str]) -> dict[str, str]:
        """Names of the lanes by key, in display order; the lane without a manager is last."""
        last = {NONE: _("Nobody") if self.by == "manager" else _("Not set")} if NONE in keys else {}
        if self.by == "type":
            return {v: str(label) for v, label in ProspectType.choices if v in keys} | last
        # The page reads most of them anyhow, for its filter.
        known = {str(pk): name for pk, name in self.filters.managers_offered}
        if not keys - {NONE} <= known.keys():
            people = Employee.objects.filter(pk__in=[int(key) for key in keys if key != NONE])
            rows = people.order_by("full_name", "pk").values_list("pk", "full_name")
            known = {str(pk): name for pk, name in rows}
        return {key: name for key, name in known.items() if key in keys} | last

    def _lane(
        self,
        lane: str,
        name: str,
        stages: Sequence[Stage],
        found: dict[tuple[str, int], Figures],
        lines: dict[tuple[str, int], list[Line]],
    ) -> Lane:
        own = {self.by: lane} if self.by else {}
        lists = self.filters.link(LIST, scope="board", kind=self.kind, stage="", **own)
        columns = []
        for stage in stages:
            stage_name, of_stage = self._texts(stage)
            cards = lines.get((lane, stage.pk), [])
            asked = {"kind": self.kind, "stage": stage.key, **own}
            figures = found.get((lane, stage.pk), _NONE)
            column = Column(
                key=f"{lane}-{stage.key}",
                name=stage_name,
                stage=stage,
                figures=figures,
                amount=figures.amount,
                cards=self.builder.cards(cards),
                list_url=f"{lists}&{of_stage}",
            )
            more = column.figures.count - len(cards)
            if cards and more > 0:
                kept = self.filters.parameters(**asked)
                rest = after(self.rows, order=order_of(stage), asked=kept, row=cards[-1])
                column = replace(column, more=more, more_url=f"{COLUMN}{rest}")
            columns.append(column)
        total = sum((column.figures for column in columns), Figures())
        return Lane(lane, name, total, columns)

    def _texts(self, stage: Stage) -> tuple[str, str]:
        """Name of a stage and its part of an address; the same in every lane."""
        if stage.pk not in self._stage_texts:
            self._stage_texts[stage.pk] = str(stage), urlencode({"stage": stage.key})
        return self._stage_texts[stage.pk]


def _key(lane: str) -> str:
    """What the column of a lane holds: nothing in the lane of what has none."""
    return "" if lane == NONE else lane


def _sql(order: Sequence[str]) -> str:
    """The sort order of the PostgreSQL index: empty dates last."""
    return ", ".join(f"{key[1:]} DESC" if key[0] == "-" else key for key in order)


def _urgency(line: Line) -> tuple[Any, ...]:
    """Sorts as the database does by ``order_of`` the stage."""
    day = line.next_step_on if line.state == Stage.Kind.OPEN else None
    return day is None, day and day.toordinal(), -line.stage_since.toordinal(), -line.id
