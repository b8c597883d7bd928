"""Rows of Today: what is read of one callback, and how it is drawn.

The page is opened all day long, so its rows are plain columns and its words are looked up once.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import NamedTuple, TypedDict

from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from clients.models import addressed
from clients.normalisation import mask_phone
from crm import crypto
from crm.addresses import address
from crm.localized import localized
from crm.money import yuan
from visits import wording
from visits.contacts import attempts as contacts_attempts
from visits.models import Callback, Channel


class Line(NamedTuple):
    """One callback of the day with its client, as plain columns."""

    public_id: str
    kind: str
    reason: str
    anchor_on: date
    due_on: date
    done_at: datetime | None
    is_backlog: bool
    over_capacity: bool
    also: list[str]
    attempts: int
    every: int | None
    unit: str | None
    channel: str | None
    client_id: int
    client: str
    segment_id: int
    name: str
    title: str
    risk_grade: str
    calls_refused: bool
    last_contact_on: date | None
    opened_on: date | None
    starts_at: datetime | None
    place: str
    rests_until: datetime | None
    assets: Decimal | None

    @property
    def url(self) -> str:
        return address("visits:callback", self.public_id)

    def rests(self, now: datetime) -> bool:
        """Whether it is put off to a later time of its day."""
        return self.rests_until is not None and self.rests_until > now

    @property
    def salutation(self) -> str:
        return addressed(self.name, self.title)

    @property
    def why(self) -> str:
        cause = wording.Cause(
            kind=self.kind,
            reason=self.reason,
            anchor_on=self.anchor_on,
            due_on=self.due_on,
            every=self.every,
            unit=self.unit or "",
            last_contact_on=self.last_contact_on,
            opened_on=self.opened_on,
        )
        return str(cause)


COLUMNS = (
    Cast("public_id", TextField()),  # shown in addresses only: as text it need not be taken apart
    "kind",
    "reason",
    "anchor_on",
    "due_on",
    "done_at",
    "is_backlog",
    "over_capacity",
    "also",
    "attempts",
    "plan__every",
    "plan__unit",
    "plan__channel",
    "client_id",
    Cast("client__public_id", TextField()),
    "client__segment_id",
    "client__name",
    "client__title",
    "client__risk_grade",
    "client__calls_refused",
    "client__last_contact_on",
    "client__opened_on",
    "starts_at",
    "place",
    "rests_until",
    "client__derived__assets",
)


class Row(TypedDict):
    """One callback as Today draws it: templates find a key faster than an attribute."""

    url: str
    client_url: str
    face: str
    name: str
    small: str
    # With the firm, as last reported; '' where it is unknown.
    assets: str
    why: str
    last: str
    stars: str
    state: str
    tone: str
    marks: list[tuple[str, str]]
    attempts: str


class About(NamedTuple):
    """The newest contact with a client, and the first phone."""

    occurred_on: date | None
    notes: str
    suggestions: str
    answers: str
    satisfaction_service: int | None
    outcome__name_zh: str
    outcome__name_en: str
    ciphertext: memoryview | None
    key_id: str


# Keys come from callbacks that were read through the scope; what is confidential is not told here.
_ABOUT = """
SELECT c.id, v.occurred_on, v.notes, v.suggestions, v.answers::text, v.satisfaction_service,
       o.name_zh, o.name_en, p.ciphertext, p.key_id
FROM unnest(%s::bigint[]) c (id)
LEFT JOIN LATERAL (
    SELECT * FROM visits_visit v WHERE v.client_id = c.id AND NOT v.void AND NOT v.confidential
    ORDER BY v.occurred_at DESC, v.id DESC LIMIT 1) v ON true
LEFT JOIN visits_outcome o ON o.id = v.outcome_id
LEFT JOIN LATERAL (
    SELECT p.ciphertext, p.key_id FROM clients_phone p
    WHERE p.client_id = c.id AND p.valid_to IS NULL
    ORDER BY p.is_primary DESC, p.id LIMIT 1) p ON true
"""


def about(clients: set[int]) -> dict[int, About]:
    """What the rows say of each of these clients besides the callback; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_ABOUT, [list(clients)])
        return {client: About._make(columns) for client, *columns in cursor.fetchall()}


def _phone(about: About) -> str:
    """Masked; '' where none is known."""
    if about.ciphertext is None:
        return ""
    return mask_phone(crypto.decrypt(about.ciphertext, about.key_id))


@cache
def _marks(_language: str) -> dict[str, tuple[str, str]]:
    """What a row is marked with by its kind: tone and word; regular ones and those by hand not."""
    kinds = Callback.Kind
    tones = {
        kinds.NEW_ACCOUNT: "ok",
        kinds.BIRTHDAY: "ok",
        kinds.COMPLAINT: "late",
        kinds.COMPLIANCE: "muted",
    }
    plain = {kinds.CADENCE, kinds.MANUAL}
    marks = {str(kind): (tones.get(kind, "warn"), str(kind.label)) for kind in kinds}
    marks[str(kinds.EXPIRY)] = ("warn", _("Expiring"))
    return {kind: mark for kind, mark in marks.items() if kind not in plain}


class Drawing:
    """Texts of rows; words and trading days are looked up once."""

    def __init__(self, trading: list[date], day: date) -> None:
        self.day = day
        self.now = timezone.now()
        self.trading = trading
        self.language = get_language() or ""
        self.states: dict[date, tuple[str, str]] = {}
        self.kinds = _marks(self.language)
        self.regular = str(Callback.Kind.CADENCE.label)
        self.no_calls = _("No calls")
        self.backlog = _("Backlog")
        self.over = _("Over capacity")
        # Attempts after which another channel is proposed; looked up where a row comes near it.
        self.limit: int | None = None

    def row(self, row: Line, about: About, segment: str = "") -> Row:
        """``segment``: its name, where the rows are not told apart by it."""
        marks = []
        if row.kind in self.kinds:
            marks.append(self.kinds[row.kind])
        for kind in row.also:
            tone, text = self.kinds.get(kind, ("", self.regular))
            marks.append((tone, f"+ {text}"))
        if row.calls_refused:
            marks.append(("late", self.no_calls))
        if row.is_backlog:
            marks.append(("muted", self.backlog))
        if row.over_capacity:
            marks.append(("warn", self.over))
        if row.due_on not in self.states:
            self.states[row.due_on] = self._state(row.due_on)
        state, tone = self.states[row.due_on]
        if row.rests(self.now):
            state, tone = _("From %(time)s") % {"time": _time(row.rests_until)}, "muted"
        return Row(
            url=row.url,
            client_url=address("clients:detail", row.client),
            face=row.name[:1],
            name=row.salutation,
            small=" · ".join(filter(None, [_phone(about), segment, row.risk_grade])),
            assets=yuan(row.assets, self.language),
            why=row.why,
            last=_last(about),
            stars=wording.STARS[about.satisfaction_service or 0],
            state=state,
            tone=tone,
            marks=marks,
            attempts=self._attempts(row) if row.attempts else "",
        )

    def _state(self, due_on: date) -> tuple[str, str]:
        if due_on >= self.day:
            return ("" if due_on == self.day else date_format(due_on, "MONTH_DAY_FORMAT")), "muted"
        late = sum(1 for day in self.trading if day > due_on)
        if not late:
            return _("Overdue"), "late"
        return ngettext("%(n)s trading day late", "%(n)s trading days late", late) % {
            "n": late
        }, "late"

    def _attempts(self, row: Line) -> str:
        count = row.attempts
        text = ngettext("%(n)s attempt", "%(n)s attempts", count) % {"n": count}
        if self.limit is None:
            return text
        advice = contacts_attempts.advice(row.attempts, self.limit, row.channel or Channel.PHONE)
        return " · ".join(filter(None, [text, advice]))


def _time(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%H:%M}" if at else ""


def _last(about: About) -> str:
    """Day and words of the newest contact; '' where there was none."""
    if about.occurred_on is None:
        return ""
    day = date_format(about.occurred_on, "MONTH_DAY_FORMAT")
    said = about.notes or about.suggestions
    if not said:
        answers = json.loads(about.answers)
        said = next((answer["answer"] for answer in reversed(answers)), "")
    text = said if len(said) <= 60 else f"{said[:60]}…"
    return f"{day} · {text or localized(about, 'outcome__name')}"
