"""Opportunities in progress by the day of their next step, or by the day they are expected on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, F, QuerySet, Sum, TextField, Window
from django.db.models.functions import Cast, RowNumber
from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm import month_grid, trading_days
from crm.addresses import formatter, lazy_address
from crm.localized import localized
from crm.money import yuan
from crm.month_grid import GridDay
from pipeline.board.facts import Figures
from pipeline.board.filters import DAYS
from pipeline.models import Opportunity, Stage
from pipeline.period import YEARS

if TYPE_CHECKING:
    from pipeline.board.list_filter import OpportunityListFilter

# Which day counts.
BY = ("next", "expected")
# Cards drawn on one day; the list has the others.
DRAWN = 4
CALENDAR, LIST = lazy_address("pipeline:calendar"), lazy_address("pipeline:opportunities")
_COLUMNS = (
    Cast("public_id", TextField()),
    "client__name",
    "next_step",
    "amount",
    "stage__name_zh",
    "stage__name_en",
    "manager__full_name",
)


class _Stage(NamedTuple):
    name_zh: str
    name_en: str


class Card(NamedTuple):
    """One opportunity on its day."""

    url: str
    name: str
    text: str
    amount: str
    manager: str


@dataclass
class Day:
    """One day with its figures and first cards, and the list of them all."""

    grid: GridDay
    list_url: str
    figures: Figures = field(default_factory=Figures)
    cards: list[Card] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.figures.count - len(self.cards)

    @property
    def css(self) -> str:
        """CSS class of the kind of day."""
        marks = {
            "is-out": not self.grid.inside,
            "is-closed": not self.grid.trades,
            "is-today": self.grid.today,
            "is-free": not self.figures.count,
        }
        return " ".join(["crm-cal-day", *(mark for mark, holds in marks.items() if holds)])


@dataclass
class Month:
    """The context of the calendar page. ``urls``: of adjacent months and both kinds of day."""

    first: date
    by: str
    days: list[Day]
    figures: Figures
    list_url: str
    urls: dict[str, str]


def month_of(text: str) -> date:
    """First day of the month that an address names (2026-11); today's without one."""
    try:
        first = date.fromisoformat(f"{text}-01") if text else trading_days.today().replace(day=1)
    except ValueError:
        first = None
    if first is None or first.year not in YEARS:
        raise Http404(_("Write the month as 2026-01."))
    return first


def month(
    filters: OpportunityListFilter,
    visible: QuerySet[Opportunity],
    *,
    first: date,
    by: str,
    names: bool,
) -> Month:
    """The month from ``first`` of the rows that ``filters`` ask for, whole weeks; three statements.

    With ``names`` cards say whose client it is.
    """
    column = DAYS[by]
    last = month_grid.last_of_month(first)
    start, end = month_grid.month_span(first)
    kept, limits = filters.parameters(state=Stage.Kind.OPEN.value), filters.days(by)

    def listing(since: date, until: date) -> str:
        return f"{LIST}?{urlencode(kept | _span(limits, by, since, until))}"

    days = {
        grid.day: Day(grid, listing(grid.day, grid.day))
        for grid in month_grid.days(start, end, month=first)
    }
    rows = filters.narrow(visible).filter(
        state=Stage.Kind.OPEN, **{f"{column}__range": (start, end)}
    )
    _fill(rows, column, days, names)
    before, next_month = month_grid.month_before(first), month_grid.month_after(first)
    return Month(
        first=first,
        by=by,
        days=list(days.values()),
        figures=sum((day.figures for day in days.values() if day.grid.inside), Figures()),
        list_url=listing(first, last),
        urls={
            "before": filters.link(CALENDAR, by=by, month=f"{before:%Y-%m}"),
            "now": filters.link(CALENDAR, by=by),
            "after": filters.link(CALENDAR, by=by, month=f"{next_month:%Y-%m}"),
        }
        | {kind: filters.link(CALENDAR, by=kind, month=f"{first:%Y-%m}") for kind in BY},
    )


def _span(
    limits: tuple[date | None, date | None], by: str, first: date, last: date
) -> dict[str, str]:
    """The days from ``first`` to ``last`` in an address, within the ``limits`` of the page.

    A day outside asks for an end before the start: the list is as empty as the day.
    """
    since, until = limits
    first, last = max(first, since or first), min(last, until or last)
    return {f"{by}_from": first.isoformat(), f"{by}_to": last.isoformat()}


def _fill(rows: QuerySet[Opportunity], column: str, days: dict[date, Day], names: bool) -> None:
    sums = rows.order_by().values_list(column).annotate(n=Count("pk"), t=Sum("amount"))
    for day, count, total in sums:
        days[day].figures = Figures(count, total)
    order = [F("amount").desc(nulls_last=True), F("id").asc()]
    nth = Window(RowNumber(), partition_by=F(column), order_by=order)
    # Names are looked up for the cards alone, not for all that are ranked; by a statement of its
    # own, since the database thinks that all of them may be cards.
    ranked = rows.order_by().annotate(nth=nth).filter(nth__lte=DRAWN)
    first = list(ranked.values_list("pk", flat=True))
    opportunities = Opportunity.objects.filter(pk__in=first).order_by(column, *order)
    url, language = formatter("pipeline:detail"), get_language()
    of_step = column == DAYS["next"]
    for day, key, name, step, amount, *stage, manager in opportunities.values_list(
        column, *_COLUMNS
    ):
        text = (of_step and step) or localized(_Stage(*stage), "name")
        card = Card(url(key), name, text, yuan(amount, language), (names and manager) or "")
        days[day].cards.append(card)
