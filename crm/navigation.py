"""Navigation: the places of the side bar and of the bottom bar, declared by the rooms.

The room below draws the bars and says which audience an employee belongs to; it knows no place of
the rooms above. Within a bar, places stand by ascending order number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from django.urls import reverse
from django.utils.functional import Promise

from crm.registry import Registry

# Who is offered the same places: those with a book of their own, those who answer for a branch,
# those who look on, and those who keep the data.
Audience = Literal["managers", "heads", "compliance", "operations"]
Bar = Literal["side", "bottom"]


@dataclass(frozen=True)
class Entry:
    """One place.

    ``route``: name of its address; ``fragment``: a part of that page, such as ``search``. A part
    of a page is never marked as the place where one is.
    ``side``, ``bottom``: order number by audience; without one the place is not offered.
    ``who``: employees who find it at the side whatever their audience, behind ``order``. It is
    asked on every page, so it goes by what is loaded with the employee.
    ``marks_room``: it is marked on pages of its room (the namespace of ``route``) that are no place
    themselves.
    ``hits``: name of the address that answers while somebody types into the search box of the
    frame, which sends to this place.
    ``count``: a number that belongs beside the label, for the employee.
    """

    route: str
    label: str | Promise
    icon: str
    side: Mapping[Audience, int] = field(default_factory=dict)
    bottom: Mapping[Audience, int] = field(default_factory=dict)
    who: Callable[[Any], bool] | None = None
    order: int = 0
    fragment: str = ""
    marks_room: bool = False
    hits: str = ""
    count: Callable[[Any], int] | None = None

    @property
    def key(self) -> str:
        return f"{self.route}#{self.fragment}" if self.fragment else self.route

    def position(self, bar: Bar, audience: Audience, given: frozenset[str]) -> int | None:
        """The order number in a bar; ``None`` where it is not offered."""
        orders = self.side if bar == "side" else self.bottom
        if audience in orders:
            return orders[audience]
        return self.order if bar == "side" and self.key in given else None


@dataclass(frozen=True)
class Place:
    """An entry in one language. ``name`` is the page that it stands for, '' for a part of one."""

    name: str
    url: str
    label: str
    icon: str


registry: Registry[Entry] = Registry("navigation")


def register(*entries: Entry) -> None:
    """Declare places; called from ``AppConfig.ready``, so twice is once."""
    registry.register(*entries)
    bar.cache_clear()


def given_to(employee: Any) -> frozenset[str]:
    """Keys of the entries that are offered to this employee by name, whatever the audience."""
    return frozenset(entry.key for entry in registry if entry.who and entry.who(employee))


@lru_cache(maxsize=128)
def bar(name: Bar, audience: Audience, given: frozenset[str], language: str) -> tuple[Place, ...]:
    """The places of a bar, in order; ``language`` only keeps the labels apart."""
    found = [(entry.position(name, audience, given), entry) for entry in registry]
    ordered = sorted(
        ((order, entry) for order, entry in found if order is not None), key=lambda pair: pair[0]
    )
    return tuple(
        Place(
            name="" if entry.fragment else entry.route,
            url=reverse(entry.route) + (f"#{entry.fragment}" if entry.fragment else ""),
            label=str(entry.label),
            icon=entry.icon,
        )
        for _order, entry in ordered
    )


def search_of(audience: Audience) -> Entry | None:
    """The place that the search box of the frame sends to; ``None`` where it is not offered."""
    return next((entry for entry in registry if entry.hits and audience in entry.side), None)


def place_of_room(room: str) -> str:
    """The place that is marked on pages of a room which are no place themselves; '' for none."""
    for entry in registry:
        if entry.marks_room and entry.route.partition(":")[0] == room:
            return entry.route
    return ""
