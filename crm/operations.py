"""The few named operations that span rooms (docs/architecture.md): a typed registry, not signals.

A room registers its part at start-up; the owner runs all parts in its own transaction, in a
fixed order. A part that raises rolls everything back.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.db import transaction


@dataclass(frozen=True)
class AccountOpened:
    """A prospect's account was opened: ``client`` is now a client since ``opened_on``."""

    client: Any
    opened_on: date
    employee: Any


@dataclass(frozen=True)
class EmployeeLeft:
    """An employee stops working on ``left_on``; the clients stay with the firm (D-28)."""

    employee: Any
    left_on: date
    by: Any


@dataclass(frozen=True)
class AbsenceChanged:
    """An absence of ``employee`` was entered or taken back; calls are planned around it."""

    employee: Any
    by: Any


@dataclass(frozen=True)
class ClientSaved:
    """A client was recorded, edited, assigned or moved to a segment; ``client`` is as saved.

    Rooms above bring up to date at once what they derive from this one client.
    """

    client: Any
    created: bool
    by: Any


@dataclass(frozen=True)
class SegmentsSet:
    """People put several clients into a segment, or back under its rules; ``clients`` are keys."""

    clients: list[int]
    by: Any


@dataclass(frozen=True)
class SegmentAdded:
    """A segment goes in force; ``like`` is the one whose clients are contacted as its will be."""

    segment: Any
    like: Any


@dataclass(frozen=True)
class ProspectRecorded:
    """Somebody without an account was taken down in the client form; ``client`` is as saved."""

    client: Any
    by: Any


@dataclass(frozen=True)
class ClientsHandedOver:
    """``clients`` (keys) are served by others since today; ``origin`` served them until now.

    ``departing``: the origin leaves, so each client is owed a return visit (D-28). Without an
    ``origin`` nobody was in charge of them.
    """

    clients: list[int]
    origin: Any
    departing: bool
    key: int
    by: Any


@dataclass
class OpenWorkCounted:
    """How much work waits for whoever serves ``clients`` (keys); rooms above add theirs."""

    clients: list[int]
    counts: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True)
class ClientsMerged:
    """``merged`` goes on as ``survivor``. Parts note in ``moved`` which rows they moved."""

    survivor: Any
    merged: Any
    moved: dict[str, list[int]]
    by: Any


@dataclass(frozen=True)
class ClientsSplit:
    """A merge is undone; ``moved`` says which rows went to the survivor then."""

    survivor: Any
    merged: Any
    moved: dict[str, list[int]]
    by: Any


@dataclass
class ImportUndone:
    """An import of clients is taken back.

    ``batch`` is the import; ``source`` the system it read from; its rows were written between
    ``begun`` and ``ended``. ``created`` are the clients that it made. A part adds to ``keep`` those
    of them that somebody has worked with since: they stay.
    """

    batch: Any
    source: str
    begun: datetime
    ended: datetime
    created: list[int]
    keep: set[int] = field(default_factory=set)


@dataclass
class ProspectsPurged:
    """Prospects past their retention are deleted, history included (PIPL arts 19, 47).

    ``prospects`` are the keys that may go, each with the keys of those merged into it. Parts of
    orders below 50 add to ``keep`` those in doubt; those from 50 on act on what ``gone`` is then.
    """

    prospects: dict[int, list[int]]
    on: date
    keep: set[int] = field(default_factory=set)
    # Numbers of rows by table.
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def all(self) -> list[int]:
        """Keys of all rows that may go, those merged included."""
        return [key for pk, merged in self.prospects.items() for key in (pk, *merged)]

    @property
    def gone(self) -> dict[int, list[int]]:
        """What goes: nobody of whom any row is in doubt."""
        return {
            pk: merged
            for pk, merged in self.prospects.items()
            if self.keep.isdisjoint([pk, *merged])
        }


Event = TypeVar("Event")
Part = Callable[[Event], None]


class Operation(Generic[Event]):
    """A named operation and its parts, run by ascending order number."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._parts: dict[str, tuple[int, Part[Event]]] = {}

    def register(self, key: str, order: int, part: Part[Event]) -> None:
        """Add the part of a room; the same key replaces, so start-up may run twice."""
        self._parts[key] = (order, part)

    def unregister(self, key: str) -> None:
        self._parts.pop(key, None)

    def run(self, event: Event) -> None:
        """Run all parts; must be called inside the owner's transaction."""
        if not transaction.get_connection().in_atomic_block:
            raise RuntimeError(f"Operation {self.name} needs the transaction of its owner.")
        for _, part in sorted(self._parts.values(), key=lambda entry: entry[0]):
            part(event)

    def run_below(self, event: Event, order: int) -> None:
        """Run the parts of lower orders only: those of ``purge`` that say who is in doubt."""
        for number, part in sorted(self._parts.values(), key=lambda entry: entry[0]):
            if number < order:
                part(event)


account_opened: Operation[AccountOpened] = Operation("account_opened")
segment_added: Operation[SegmentAdded] = Operation("segment_added")
absence_changed: Operation[AbsenceChanged] = Operation("absence_changed")
employee_left: Operation[EmployeeLeft] = Operation("employee_left")
client_saved: Operation[ClientSaved] = Operation("client_saved")
segments_set: Operation[SegmentsSet] = Operation("segments_set")
prospect_recorded: Operation[ProspectRecorded] = Operation("prospect_recorded")
hand_over: Operation[ClientsHandedOver] = Operation("hand_over")
open_work: Operation[OpenWorkCounted] = Operation("open_work")
merge: Operation[ClientsMerged] = Operation("merge")
unmerge: Operation[ClientsSplit] = Operation("unmerge")
undo_import: Operation[ImportUndone] = Operation("undo_import")
purge: Operation[ProspectsPurged] = Operation("purge")
