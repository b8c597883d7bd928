"""Which opportunities a list shows: by stage, by a stage that they reached, and when."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property

from django.db.models import DateField, Exists, ExpressionWrapper, OuterRef, QuerySet, Subquery
from django.db.models import Value as V
from django.http import Http404, QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_filters import CharFilter

from crm.query_filters import ChoiceFilter, DayFilter, IntegerFilter
from pipeline.board import selectors
from pipeline.board.filters import OpportunityFilter
from pipeline.models import Opportunity, Stage, StageMove
from staff.models import Employee


def moves_between(since: date | None = None, until: date | None = None) -> QuerySet[StageMove]:
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
    filters = OpportunityListFilter(query, viewer)
    try:
        return filters.link(selectors.BOARD, **kept) if filters.is_valid() else selectors.BOARD
    except Http404:
        return selectors.BOARD


class OpportunityListFilter(OpportunityFilter):
    """The filters of a list of opportunities.

    ``stage``: key of the stage they are in now. ``scope=board``: only what the board shows.
    ``reached``: key of a stage that they came to, or went beyond, ``from`` … ``to`` (ISO dates),
    wherever they are now; a loss counts for the stage of losing alone. ``within``: only if they
    did so in that many days from their creation. ``entered``: key of a stage that they stood in
    itself. ``lost_from``: key of the stage that lost ones stood in before.
    """

    scope = ChoiceFilter(choices=[("board", _("Board"))], label=_("Pipeline"))
    stage = CharFilter(label=_("Stage"))
    reached = CharFilter(label=pgettext_lazy("funnel", "Reached"))
    entered = CharFilter(label=_("Entered"))
    lost_from = CharFilter(label=_("Lost from"))
    from_ = DayFilter("", label=_("From"))
    to = DayFilter("", label=_("To"))
    within = IntegerFilter(
        "",
        label=_("Days"),
        min_value=0,
        max_value=9999,
        error_messages={"invalid": _("Write the number of days as 90.")},
    )

    @cached_property
    def stages(self) -> list[Stage]:
        return list(Stage.objects.order_by("position", "id"))

    def _stage(self, name: str) -> Stage | None:
        key = self.values.get(name)
        return next((row for row in self.stages if row.key == key), None) if key else None

    @property
    def chosen_stage(self) -> Stage | None:
        return self._stage("stage")

    @property
    def reached_stage(self) -> Stage | None:
        return self._stage("reached")

    def check(self) -> None:
        super().check()
        for name in ("stage", "reached", "entered", "lost_from"):
            if self.values.get(name) and self._stage(name) is None:
                self.refuse(name, _("No such stage. Go back to the page and choose from its list."))

    @property
    def kind_of_board(self) -> str:
        """The kind of the board that has these rows: the stage's own, where one is asked for."""
        stage = self.chosen_stage or self.reached_stage
        return stage.opportunity_kind if stage else self.chosen_kind

    def filter_scope(self, rows: QuerySet[Opportunity], _board: str) -> QuerySet[Opportunity]:
        return selectors.on_board(rows)

    def filter_stage(self, rows: QuerySet[Opportunity], _key: str) -> QuerySet[Opportunity]:
        return rows.filter(stage=self.chosen_stage)

    def filter_reached(self, rows: QuerySet[Opportunity], _key: str) -> QuerySet[Opportunity]:
        stage, within = self.reached_stage, self.values.get("within")
        moves = moves_between(self.values.get("from_"), self.values.get("to"))
        if within is not None:
            last = OuterRef("created_on") + V(timedelta(days=within))
            moves = moves.filter(moved_on__lte=ExpressionWrapper(last, output_field=DateField()))
        if stage is None or stage.kind == Stage.Kind.LOST:
            return rows.filter(Exists(moves.filter(to_stage=stage)))
        ahead = moves.exclude(to_stage__kind=Stage.Kind.LOST)
        return rows.filter(Exists(ahead.filter(to_stage__position__gte=stage.position)))

    def filter_entered(self, rows: QuerySet[Opportunity], _key: str) -> QuerySet[Opportunity]:
        return rows.filter(Exists(moves_between().filter(to_stage=self._stage("entered"))))

    def filter_lost_from(self, rows: QuerySet[Opportunity], _key: str) -> QuerySet[Opportunity]:
        moves = moves_between().filter(to_stage__kind=Stage.Kind.LOST).order_by("-id")
        lost = rows.filter(state=Stage.Kind.LOST)
        lost = lost.alias(stood=Subquery(moves.values("from_stage")[:1]))
        return lost.filter(stood=self._stage("lost_from"))
