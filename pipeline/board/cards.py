"""Cards and columns of the board, drawn: it has hundreds, so this is no work for a template."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.addresses import address
from crm.money import yuan

if TYPE_CHECKING:
    from pipeline.board.selectors import Column

# What a card is drawn of; as plain columns, and the key as text since it stands in addresses alone.
COLUMNS = (
    *("id", Cast("public_id", TextField()), "version", "stage_id", "state", "amount"),
    *("next_step", "next_step_on", "stage_since", "client__name", "manager__full_name"),
    *("manager_id", "prospect_type"),
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
    manager_id: int | None
    prospect_type: str


class Drawing:
    """Draws cards and columns for one viewer; words and days are looked up once.

    ``back`` is the board's own query string, for the page that asks where a card goes; ``level``
    that of the headings of columns.
    """

    def __init__(
        self, *, day: date, may_edit: bool, shows_manager: bool, back: str, level: int
    ) -> None:
        self.day = day
        self.level = level
        self.may_edit = may_edit
        self.shows_manager = shows_manager
        self.back = back
        self._query = escape(f"?{urlencode({'back': back})}") if back else ""
        self._move, self._no_step = escape(_("Move to…")), escape(_("No next step"))
        self._no_day = escape(_("No day for it"))
        self._late, self._today = " " + escape(_("overdue")), " " + escape(_("today"))
        self._ages: dict[date, str] = {}

    def cards(self, lines: Iterable[Line], stage: str) -> SafeString:
        """``lines`` of the stage with this key, one after the other."""
        html = "".join([self._card(line, stage, "") for line in lines])
        return mark_safe(html)  # noqa: S308 - each card escapes what people wrote

    def card(self, line: Line, stage: str) -> SafeString:
        """One card alone, which gets the focus."""
        html = self._card(line, stage, " data-focus")
        return mark_safe(html)  # noqa: S308 - as above

    def column(self, column: Column) -> SafeString:
        """A stage with its head and first cards, and the way to more of them."""
        html = (
            f'<section class="crm-board-col" aria-labelledby="stage-{column.key}">{self.head(column)}'
            f'<ul class="crm-board-cards" data-stage="{column.stage.key}">'
            f"{column.cards}{self._more(column)}</ul></section>\n"
        )
        return mark_safe(html)  # noqa: S308 - what people wrote is escaped where it is put in

    def head(self, column: Column, *, fresh: bool = False) -> SafeString:
        """How many stand in a stage and what they are worth, as the list says; ``fresh`` replaces
        the one on the page."""
        swap = ' hx-swap-oob="true"' if fresh else ""
        name, url = escape(column.name), escape(column.list_url)
        amount = f"<small>{column.amount}</small>" if column.amount else ""
        html = (
            f'<header id="head-{column.key}"{swap}>'
            f'<h{self.level} id="stage-{column.key}">{name}</h{self.level}>'
            f'<a href="{url}" aria-label="{name}: {escape(column.said)}">'
            f"{column.figures.count}{amount}</a></header>"
        )
        return mark_safe(html)  # noqa: S308 - as above

    def _more(self, column: Column) -> str:
        if not column.more:
            return ""
        text = escape(ngettext("%(n)s more", "%(n)s more", column.more) % {"n": column.more})
        swap = ""
        if column.more_url:
            swap = f' hx-get="{escape(column.more_url)}" hx-target="closest li" hx-swap="outerHTML"'
        return (
            f'<li class="crm-board-more"><a href="{escape(column.list_url)}"{swap}>{text}</a></li>'
        )

    def _card(self, line: Line, stage: str, mark: str) -> str:
        """One list item; closed opportunities stay where they are. Whatever people wrote is escaped."""
        url, name = address("pipeline:detail", line.public_id), escape(line.name)
        is_open = line.state == "open"
        manager = step = move = moves = ""
        if self.shows_manager and line.manager:
            manager = f' <small class="muted">{escape(line.manager)}</small>'
        if is_open:
            step = self._step(line)
        if is_open and self.may_edit:
            moves = f' data-card="{url}" data-version="{line.version}"'
            move = (
                f'<a class="crm-card-move" href="{url}move/{self._query}" data-move'
                f' aria-label="{self._move} {name}">{self._move}</a>'
            )
        return (
            f'<li class="crm-board-card" data-at="{stage}"{moves}>'
            f'<a class="crm-card-name" href="{url}"{mark}>{name}</a>{manager}'
            f'<div class="crm-card-facts"><b class="nowrap">{yuan(line.amount)}</b>'
            f'<span class="muted nowrap">{self._age(line.stage_since, is_open)}</span></div>'
            f"{step}{move}</li>\n"
        )

    def _age(self, since: date, is_open: bool) -> str:
        """How long it has been in the stage; the day of closing of a closed one."""
        if not is_open:
            return date_format(since, "SHORT_DATE_FORMAT")
        if since not in self._ages:
            days = (self.day - since).days
            self._ages[since] = escape(ngettext("%(n)d day", "%(n)d days", days) % {"n": days})
        return self._ages[since]

    def _step(self, line: Line) -> str:
        """The next step and its day; without one of them it is marked as a gap."""
        day = line.next_step_on
        if day is None or not line.next_step:
            missing = self._no_day if line.next_step else self._no_step
            gap = f'<span class="crm-pill crm-pill-warn">{missing}</span>'
            return f"<div>{escape(line.next_step)} {gap}</div>"
        tone = word = ""
        if day < self.day:
            tone, word = " crm-pill-late", self._late
        elif day == self.day:
            tone, word = " crm-pill-today", self._today
        when = f'<span class="crm-pill{tone}">{day.month}-{day.day}{word}</span>'
        return f"<div>{escape(line.next_step)} {when}</div>"
