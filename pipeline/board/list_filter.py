"""Which opportunities a list shows: by stage, by a stage that they reached, and when."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import DateField, Exists, ExpressionWrapper, OuterRef, QuerySet, Subquery
from django.db.models import Value as V
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from pipeline.board import selectors
from pipeline.board.filters import Picked, parse_day
from pipeline.models import Opportunity, Stage, StageMove
from staff.models import Employee
from staff.scope_filter import Whose


def moves_between(since: date | None, until: date | None) -> QuerySet[StageMove]:
    """Moves of the opportunity of the outer query, both days included; for a subquery only."""
    moves = StageMove.objects.filter(opportunity=OuterRef("pk"))
    if since is not None:
        moves = moves.filter(moved_on__gte=since)
    if until is not None:
        moves = moves.filter(moved_on__lte=until)
    return moves


def board_address(viewer: Employee, back: str) -> str:
    """Address of the board that ``back``, its query string, came from; of the whole one if wrong."""
    query = QueryDict(back)
    kept = {name: query[name] for name in ("lanes", "page") if name in query}
    try:
        return Listing(Whose(viewer, query, unserved=True), query).link(selectors.BOARD, **kept)
    except Http404:
        return selectors.BOARD


class Listing:
    """The filters of a list of opportunities, read from its address.

    ``stage``: key of the stage they are in now. ``scope=board``: only what the board shows.
    ``reached``: key of a stage that they came to, or went beyond, ``from`` … ``to`` (ISO dates),
    wherever they are now; a loss counts for the stage of losing alone. ``within``: only if they
    did so in that many days from their creation. ``entered``: key of a stage that they stood in
    itself. ``lost_from``: key of the stage that lost ones stood in before. What the board and the
    calendar know too stands in ``picked``.
    """

    def __init__(self, whose: Whose, query: QueryDict) -> None:
        self.whose = whose
        self._query = query
        self.picked = Picked(whose.viewer, query)

    @cached_property
    def stages(self) -> list[Stage]:
        return list(Stage.objects.order_by("position", "id"))

    @cached_property
    def stage(self) -> Stage | None:
        return self._stage("stage")

    @cached_property
    def reached(self) -> Stage | None:
        return self._stage("reached")

    @cached_property
    def entered(self) -> Stage | None:
        return self._stage("entered")

    @cached_property
    def lost_from(self) -> Stage | None:
        return self._stage("lost_from")

    @cached_property
    def within(self) -> int | None:
        text = self._query.get("within", "")
        if not text:
            return None
        if not text.isascii() or not text.isdigit() or len(text) > 4:
            raise Http404(_("Write the number of days as 90."))
        return int(text)

    @cached_property
    def on_board(self) -> bool:
        return self._query.get("scope") == "board"

    @cached_property
    def since(self) -> date | None:
        return self._date("from")

    @cached_property
    def until(self) -> date | None:
        return self._date("to")

    @property
    def kind_of_board(self) -> str:
        """The kind of the board that has these rows: the stage's own, where one is asked for."""
        stage = self.stage or self.reached
        return stage.opportunity_kind if stage else self.picked.kind

    @property
    def asked(self) -> dict[str, str]:
        """The filters that board, list and calendar have in common, for links between them."""
        return self.picked.asked | {k: str(v) for k, v in self.whose.parameters.items()}

    def link(self, page: str, /, **more: str) -> str:
        """Address of ``page`` with the filters in use; an empty value of ``more`` takes one away."""
        chosen = {name: value for name, value in (self.asked | more).items() if value}
        return f"{page}?{urlencode(chosen)}" if chosen else page

    def rows(
        self, rows: QuerySet[Opportunity], *, every_kind: bool = False
    ) -> QuerySet[Opportunity]:
        """Those of ``rows`` that the filters ask for."""
        rows = self.picked.narrow(rows, every_kind=every_kind)
        rows = self.whose.narrow(rows, "manager", "branch")
        if self.on_board:
            rows = selectors.on_board(rows)
        if self.stage is not None:
            rows = rows.filter(stage=self.stage)
        within = self.within
        if self.reached is not None:
            rows = rows.filter(self._came_to(self.reached, within))
        if self.entered is not None:
            rows = were_in(rows, self.entered)
        if self.lost_from is not None:
            rows = lost_from(rows, self.lost_from)
        return rows

    def _came_to(self, stage: Stage, within: int | None) -> Exists:
        moves = moves_between(self.since, self.until)
        if within is not None:
            moves = in_days(moves, within)
        if stage.kind == Stage.Kind.LOST:
            return Exists(moves.filter(to_stage=stage))
        ahead = moves.exclude(to_stage__kind=Stage.Kind.LOST)
        return Exists(ahead.filter(to_stage__position__gte=stage.position))

    def _stage(self, name: str) -> Stage | None:
        key = self._query.get(name, "")
        if not key:
            return None
        for stage in self.stages:
            if stage.key == key:
                return stage
        raise Http404(_("No such stage. Go back to the page and choose from its list."))

    def _date(self, name: str) -> date | None:
        return parse_day(self._query.get(name, ""))


def _moves() -> QuerySet[StageMove]:
    """Moves of the opportunity of the outer query; for a subquery only."""
    return StageMove.objects.filter(opportunity=OuterRef("pk"))


def in_days(rows: QuerySet[StageMove], days: int) -> QuerySet[StageMove]:
    """Of these moves, those within ``days`` of the creation of the opportunity."""
    last = ExpressionWrapper(
        OuterRef("created_on") + V(timedelta(days=days)), output_field=DateField()
    )
    return rows.filter(moved_on__lte=last)


def were_in(rows: QuerySet[Opportunity], stage: Stage) -> QuerySet[Opportunity]:
    """Opportunities that stood in ``stage`` itself, now or once."""
    return rows.filter(Exists(_moves().filter(to_stage=stage)))


def lost_from(rows: QuerySet[Opportunity], stage: Stage) -> QuerySet[Opportunity]:
    """Opportunities that are lost, and stood in ``stage`` before."""
    last = _moves().filter(to_stage__kind=Stage.Kind.LOST).order_by("-id").values("from_stage")[:1]
    return rows.filter(state=Stage.Kind.LOST).alias(stood=Subquery(last)).filter(stood=stage.pk)
