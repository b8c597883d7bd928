"""What the cards of the board show; they are many, so words and days are looked up once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from crm.addresses import formatter
from crm.money import yuan

# What a card shows; as plain columns, and the key as text since it stands in addresses alone.
COLUMNS = (
    "id",
    Cast("public_id", TextField()),
    "version",
    "stage_id",
    "state",
    "amount",
    "next_step",
    "next_step_on",
    "stage_since",
    "client__name",
    "manager__full_name",
    "owner_id",
    "prospect_type",
)


class Line(NamedTuple):
    """One opportunity as plain columns."""

    id: int
    public_id: str
    version: int
    stage_id: int
    state: str
    amount: Decimal | None
    next_step: str
    next_step_on: date | None
    stage_since: date
    name: str
    manager: str | None
    owner_id: int | None
    prospect_type: str


class Card(NamedTuple):
    """One card, in the order in which its template takes it apart.

    ``manager`` and ``move_url`` are empty where they are not shown. ``tone`` of the day of the next
    step: late, today, gap (no step or no day) or nothing.
    """

    url: str
    name: str
    manager: str | None
    amount: str
    age: str
    move_url: str
    move: str
    version: str
    is_open: bool
    step: str
    day: str
    tone: str


class CardBuilder:
    """Makes cards for one viewer.

    ``back`` is the board's own query string, for the page that asks where a card goes.
    """

    def __init__(self, *, day: date, may_edit: bool, shows_manager: bool, back: str) -> None:
        self.day = day
        self.may_edit = may_edit
        self.shows_manager = shows_manager
        self.back = back
        self._query = f"?{urlencode({'back': back})}" if back else ""
        self._url, self._move_url = formatter("pipeline:detail"), formatter("pipeline:move")
        self._language = get_language() or ""
        self._move, self._no_step = _("Move to…"), _("No next step")
        self._no_day, self._late, self._today = _("No day for it"), _("overdue"), _("today")
        self._ages: dict[date, str] = {}

    def cards(self, lines: Iterable[Line]) -> list[Card]:
        """A card for each of ``lines``; closed opportunities stay where they are."""
        return [self.card(line) for line in lines]

    def card(self, line: Line) -> Card:
        """The card of one opportunity."""
        is_open = line.state == "open"
        move_url = move = day = tone = ""
        if is_open:
            day, tone = self._step(line)
            if self.may_edit:
                move_url = self._move_url(line.public_id) + self._query
                move = f"{self._move} {line.name}"
        return Card(
            self._url(line.public_id),
            line.name,
            line.manager if self.shows_manager else None,
            yuan(line.amount, self._language),
            self._age(line.stage_since, is_open),
            move_url,
            move,
            str(line.version),
            is_open,
            line.next_step,
            day,
            tone,
        )

    def _age(self, since: date, is_open: bool) -> str:
        """How long it has been in the stage; the day of closing of a closed one."""
        if not is_open:
            return date_format(since, "SHORT_DATE_FORMAT")
        if since not in self._ages:
            days = (self.day - since).days
            here = ngettext("%(n)d day here", "%(n)d days here", days) % {"n": days}
            self._ages[since] = here if days else _("moved today")
        return self._ages[since]

    def _step(self, line: Line) -> tuple[str, str]:
        """What is said of the day of the next step, and its tone."""
        day = line.next_step_on
        if day is None or not line.next_step:
            return self._no_day if line.next_step else self._no_step, "gap"
        if day < self.day:
            return f"{day.month}-{day.day} {self._late}", "late"
        if day == self.day:
            return f"{day.month}-{day.day} {self._today}", "today"
        return f"{day.month}-{day.day}", ""
