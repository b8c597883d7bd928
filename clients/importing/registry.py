"""Rooms above ``clients/`` take columns of their own: visits/ turns a history into visits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.utils.functional import Promise

from clients.importing.reading import Row
from clients.importing.trail import Trail


@dataclass(frozen=True)
class Loaded:
    """One row of a batch that has its client by now."""

    client_id: int
    source_key: str
    employee_id: int | None
    payload: dict[str, Any]


class Part(Protocol):
    """An app's part of an import, configured by the table of its name in the mapping."""

    def prepare(self, table: dict[str, Any]) -> Any:
        """Check the mapping's table once. Raises FileRefused."""

    def read(
        self, prepared: Any, row: Row, number: int, dates: AnyMapping[str, date | None]
    ) -> dict[str, Any]:
        """The payload of one row. Raises ValidationError with a sentence."""

    def load(self, source: str, rows: list[Loaded], trail: Trail) -> int:
        """Write the payloads of a batch inside its transaction; how many rows changed."""

    def finish(self) -> None:
        """After the last batch: refresh the statistics of the room's tables."""


@dataclass(frozen=True)
class Offer:
    """Columns that a part offers for mapping in the browser.

    ``fields``: name, label and the headers that it is guessed from. ``table`` makes the mapping's
    table from the chosen columns (field to column), empty where they do not suffice.
    """

    fields: Sequence[tuple[str, str | Promise, Sequence[str]]]
    table: Callable[[dict[str, str]], dict[str, Any]]


_parts: dict[str, Part] = {}
_offers: dict[str, Offer] = {}


def register(table: str, part: Part, offer: Offer | None = None) -> None:
    """Take the mapping's ``[table]``; called from ``AppConfig.ready``, so twice is once."""
    _parts[table] = part
    if offer is not None:
        _offers[table] = offer


def offers() -> dict[str, Offer]:
    """Offers of the apps above, by the name of their table."""
    return dict(_offers)


def parts() -> dict[str, Part]:
    """All registered parts by the name of their table."""
    return dict(_parts)
