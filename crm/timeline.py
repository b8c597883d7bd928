"""The stream of a client: rooms register what happened in them, and one page merges it by time.

Each source reads its newest rows before a place in the stream; the place is the last entry shown
(its moment, kind and key), so nothing is skipped or shown twice, however many share a moment.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

SIZE = 15
# Texts of more characters are folded, down to so many.
_LONG, _BRIEF = 120, 80


@dataclass(frozen=True)
class Entry:
    """One line of the stream. ``head`` says what, ``who`` by whom; ``pairs`` are questions with
    their answers, ``badges`` short remarks such as a rating."""

    at: datetime
    kind: str
    pk: int
    icon: str
    head: str
    text: str = ""
    url: str = ""
    marks: str = ""
    void: bool = False
    who: str = ""
    pairs: tuple[tuple[str, str], ...] = ()
    badges: tuple[str, ...] = ()

    @property
    def brief(self) -> str:
        """The beginning of a text too long to be read at a glance; '' where it is not."""
        return f"{self.text[:_BRIEF].rstrip()}…" if len(self.text) > _LONG else ""

    @property
    def day(self) -> date:
        return timezone.localtime(self.at).date()

    @property
    def place(self) -> tuple[datetime, str, int]:
        return self.at, self.kind, self.pk


@dataclass(frozen=True)
class Before:
    """Only what comes after a place in the stream, that is, what is older."""

    place: tuple[datetime, str, int] | None = None

    def moment(self, kind: str, field: str) -> Q:
        """The condition for a source whose rows carry a moment."""
        if self.place is None:
            return Q()
        at, last_kind, pk = self.place
        older = Q(**{f"{field}__lt": at})
        if kind == last_kind:
            return older | Q(**{field: at, "pk__lt": pk})
        return older | Q(**{field: at}) if kind < last_kind else older

    def day(self, kind: str, field: str) -> Q:
        """The condition for a source whose rows carry a date; they stand at its first moment."""
        if self.place is None:
            return Q()
        at, last_kind, pk = self.place
        on = timezone.localtime(at).date()
        older = Q(**{f"{field}__lt": on})
        if midnight(on) < at or kind < last_kind:
            return older | Q(**{field: on})
        return older | Q(**{field: on, "pk__lt": pk}) if kind == last_kind else older


Read = Callable[[Any, Any, Before, int], list[Entry]]
# Stands for all kinds that are ``filed``.
FILED = "file"


@dataclass(frozen=True)
class Source:
    """One kind of entry; ``label`` may be a lazy text.

    ``filed``: a change of accounts and file, which one chip shows together.
    """

    kind: str
    order: int
    label: Any
    read: Read
    filed: bool = False


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Add a kind; called from ``AppConfig.ready``, so twice is once."""
    _sources[source.kind] = source


def kinds() -> list[Source]:
    """All kinds in the order of their chips."""
    return sorted(_sources.values(), key=lambda source: source.order)


class Chip(NamedTuple):
    """The link to one kind, or to all."""

    url: str
    label: str
    chosen: bool


def chips(url: str, chosen: str) -> tuple[list[Chip], list[Chip]]:
    """The three links above the stream at ``url``, and those to the kinds behind ⋯.

    The first kind is the one people look for most, and has a chip of its own.
    """
    first, *others = kinds()
    three = [("", _("All")), (first.kind, str(first.label)), (FILED, _("Accounts and file"))]
    finer = [(row.kind, str(row.label)) for row in others]
    before, joint, parameters = url.partition("?")
    query = f"{joint}{parameters}&" if joint else "?"

    def chip(kind: str, label: str) -> Chip:
        return Chip(f"{before}{query}kind={kind}", label, kind == chosen)

    return [chip(*row) for row in three], [chip(*row) for row in finer]


def read(
    viewer: Any, client: Any, kind: str, cursor: str, size: int = SIZE
) -> tuple[list[Entry], str]:
    """The newest entries before ``cursor``, and the cursor of what is older ('' at the end).

    ``kind`` is one of ``kinds()``, ``FILED``, or '' for all. A cursor that is malformed begins anew.
    """
    before = Before(_place(cursor))
    sources = [_sources[kind]] if kind in _sources else kinds()
    if kind == FILED:
        sources = [source for source in sources if source.filed]
    found = [source.read(viewer, client, before, size + 1) for source in sources]
    entries = heapq.nlargest(size + 1, [entry for rows in found for entry in rows], _place_of)
    rest = cursor_of(entries[size - 1]) if len(entries) > size else ""
    return entries[:size], rest


def cursor_of(entry: Entry) -> str:
    """The place of an entry as text for an address."""
    return f"{entry.at.timestamp():.6f}~{entry.kind}~{entry.pk}"


def midnight(day: date) -> datetime:
    """Where an entry that knows only its date stands."""
    return timezone.make_aware(datetime.combine(day, time()))


def _place_of(entry: Entry) -> tuple[datetime, str, int]:
    return entry.place


def _place(cursor: str) -> tuple[datetime, str, int] | None:
    try:
        seconds, kind, pk = cursor.split("~")
        at = datetime.fromtimestamp(float(seconds), tz=timezone.get_current_timezone())
        return at, kind, int(pk)
    except (ValueError, OverflowError, OSError):
        return None
