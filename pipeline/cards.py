"""Cards of the board, drawn. A board has well over a hundred, so this is no work for a template."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.money import yuan

# What a card is drawn of; as plain columns, and the key as text since it stands in addresses alone.
COLUMNS = (
    *("id", Cast("public_id", TextField()), "version", "stage_id", "state", "amount"),
    *("next_step", "next_step_on", "stage_since", "client__name", "client__manager__full_name"),
    *("client__manager_id", "client__prospect_type"),
)
_CARD = mark_safe(
    '<li class="crm-board-card" data-at="{}"{}><a class="crm-card-name" href="{}"{}>{}</a>{}'
    '<div class="crm-card-facts"><b class="nowrap">{}</b><span class="muted nowrap">{}</span></div>'
    "{}</li>\n"
)
_MOVES = mark_safe(' data-card="{}" data-version="{}"')
_NOTHING = SafeString()
_FOCUS = mark_safe(" data-focus")
_MANAGER = mark_safe(' <small class="muted">{}</small>')
_STEP = mark_safe('<div class="crm-card-step">{}{}</div>')
_GAP = mark_safe('<div class="crm-card-step"><span class="crm-pill crm-pill-warn">{}</span></div>')
_DAY = mark_safe(' <span class="crm-pill{}">{}-{}{}</span>')
_MOVE = mark_safe('<a class="crm-card-move" href="{}move/{}" data-move aria-label="{} {}">{}</a>')


class Line(NamedTuple):
    """One opportunity as plain columns."""

    id: int
    public_id: str
    version: int
    stage_id: int
    state: str
    amount: object
    next_step: str
    next_step_on: date | None
    stage_since: date
    name: str
    manager: str | None
    manager_id: int | None
    prospect_type: str


class Drawing:
    """Draws cards for one viewer; words and days are looked up once.

    ``back`` is the board's own query string, for the page that asks where a card goes.
    """

    def __init__(self, *, day: date, may_edit: bool, shows_manager: bool, back: str) -> None:
        self.day = day
        self.may_edit = may_edit
        self.shows_manager = shows_manager
        self.back = back
        self._query = f"?{urlencode({'back': back})}" if back else ""
        self._move = _("Move to…")
        self._no_step = _("No next step")
        self._late, self._today = " " + _("overdue"), " " + _("today")
        self._ages: dict[date, str] = {}

    def cards(self, lines: Iterable[Line], stage: str) -> SafeString:
        """``lines`` of the stage with this key, one after the other."""
        return format_html_join("", "{}", ((self.card(line, stage),) for line in lines))

    def card(self, line: Line, stage: str, *, now: bool = False) -> SafeString:
        """One list item; closed opportunities stay where they are. ``now`` gives it the focus."""
        url = f"/pipeline/{line.public_id}/"
        is_open = line.state == "open"
        moves = self.may_edit and is_open
        return format_html(
            _CARD,
            stage,
            format_html(_MOVES, url, line.version) if moves else "",
            url,
            _FOCUS if now else "",
            line.name,
            format_html(_MANAGER, line.manager) if self.shows_manager and line.manager else "",
            yuan(line.amount),  # type: ignore[arg-type]
            self._age(line.stage_since, is_open),
            (self._step(line) if is_open else _NOTHING)
            + (
                format_html(_MOVE, url, self._query, self._move, line.name, self._move)
                if moves
                else _NOTHING
            ),
        )

    def _age(self, since: date, is_open: bool) -> str:
        """How long it has been in the stage; the day of closing of a closed one."""
        if not is_open:
            return date_format(since, "SHORT_DATE_FORMAT")
        if since not in self._ages:
            days = (self.day - since).days
            self._ages[since] = ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
        return self._ages[since]

    def _step(self, line: Line) -> SafeString:
        """The next step and its day; without one of them it is marked as a gap."""
        day = line.next_step_on
        if day is None or not line.next_step:
            words = format_html(_STEP, line.next_step, "") if line.next_step else _NOTHING
            return words + format_html(_GAP, self._no_step if not words else _("No day for it"))
        tone, word = "", ""
        if day < self.day:
            tone, word = " crm-pill-late", self._late
        elif day == self.day:
            tone, word = " crm-pill-today", self._today
        return format_html(_STEP, line.next_step, format_html(_DAY, tone, day.month, day.day, word))
