"""The calendar: open callbacks and appointments of a month or week, capped per day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import ngettext

from clients.models import addressed
from crm import month_grid
from crm.addresses import address
from crm.month_grid import GridDay
from staff.models import Employee
from visits.models import Callback

View = Literal["month", "week"]
# Cards shown per day; the list has the others.
DRAWN = {"month": 4, "week": 16}
YEARS = range(2000, 2101)
_COLUMNS = (
    "public_id",
    "kind",
    "due_on",
    "starts_at",
    "minutes",
    "place",
    "hard_limit_on",
    "over_capacity",
    "client__name",
    "client__title",
    "total",
)


class Card(NamedTuple):
    """One callback as the calendar draws it."""

    public_id: UUID
    kind: str
    due_on: date
    starts_at: datetime | None
    minutes: int | None
    place: str
    hard_limit_on: date | None
    over_capacity: bool
    name: str
    title: str
    total: int

    @property
    def url(self) -> str:
        return address("visits:callback", self.public_id)

    @property
    def salutation(self) -> str:
        return addressed(self.name, self.title)

    @property
    def time(self) -> str:
        """The time of day of an appointment."""
        return f"{timezone.localtime(self.starts_at):%H:%M}" if self.starts_at else ""

    @property
    def ends(self) -> str:
        """When an appointment ends."""
        if self.starts_at is None:
            return ""
        return f"{timezone.localtime(self.starts_at) + timedelta(minutes=self.minutes or 0):%H:%M}"

    @property
    def label(self) -> str:
        return str(Callback.Kind(self.kind).label)


@dataclass
class Day:
    """One day: its first cards, and how many there are; counts alone for a branch."""

    grid: GridDay
    list_url: str
    total: int = 0
    meetings: int = 0
    cards: list[Card] = field(default_factory=list)

    @property
    def more(self) -> int:
        """Number of callbacks that only the list shows."""
        return self.total - len(self.cards)

    @property
    def total_text(self) -> str:
        return ngettext("%(n)s callback", "%(n)s callbacks", self.total) % {"n": self.total}

    @property
    def meetings_text(self) -> str:
        text = ngettext("%(n)s appointment", "%(n)s appointments", self.meetings)
        return text % {"n": self.meetings}


@dataclass
class Page:
    """The context of the calendar page."""

    view: View
    on: date
    first: date
    last: date
    before: date
    after: date
    days: list[Day]
    whose: Employee | None

    @property
    def total(self) -> int:
        return sum(day.total for day in self.days)


def span(view: View, on: date) -> tuple[date, date]:
    """First and last day shown: whole weeks, Monday to Sunday."""
    return month_grid.week_span(on) if view == "week" else month_grid.month_span(on)


def page(rows: QuerySet[Callback], *, view: View, on: date, whose: Employee | None) -> Page:
    """The calendar over ``rows``, which are within the viewer's scope; two queries.

    With ``whose`` there are cards of what this person is to do; without, numbers per day.
    """
    first, last = span(view, on)
    who = f"&manager={whose.pk}" if whose else ""
    callbacks = address("visits:callbacks")
    days = {
        grid.day: Day(grid, f"{callbacks}?status=open&due_from={grid.day}&due_to={grid.day}{who}")
        for grid in month_grid.days(first, last, month=on if view == "month" else None)
    }
    rows = rows.filter(status=Callback.Status.OPEN, due_on__range=(first, last))
    if whose is None:
        _count(rows, days)
    else:
        _draw(rows.filter(employee=whose), days, DRAWN[view])
    week = view == "week"
    before = on - month_grid.WEEK if week else month_grid.month_before(on)
    after = on + month_grid.WEEK if week else month_grid.month_after(on)
    return Page(view, on, first, last, before, after, list(days.values()), whose)


def _count(rows: QuerySet[Callback], days: dict[date, Day]) -> None:
    meeting = Q(kind=Callback.Kind.APPOINTMENT)
    counts = rows.order_by().values("due_on")
    counts = counts.annotate(total=Count("pk"), meetings=Count("pk", filter=meeting))
    for row in counts:
        day = days[row["due_on"]]
        day.total, day.meetings = row["total"], row["meetings"]


def _draw(rows: QuerySet[Callback], days: dict[date, Day], most: int) -> None:
    order: list[Any] = [F("starts_at").asc(nulls_last=True), F("pk").asc()]
    ranked = rows.annotate(
        total=Window(Count("pk"), partition_by="due_on"),
        nth=Window(RowNumber(), partition_by="due_on", order_by=order),
    )
    columns = ranked.filter(nth__lte=most).order_by("due_on", "nth").values_list(*_COLUMNS)
    for card in map(Card._make, columns):
        day = days[card.due_on]
        day.total = card.total
        day.cards.append(card)


def opened(text: str) -> date | None:
    """The day that an address names, as 2026-11-23 or 2026-11; ``None`` where there is none."""
    try:
        day = date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return None
    return day if day.year in YEARS else None
