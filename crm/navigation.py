"""Navigation: the places of the side bar and of the bottom bar, declared by the rooms.

The room below draws the bars and says which audience an employee belongs to; it knows no place of
the rooms above. Within a bar, places stand by ascending order number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from crm.registry import Registry

# Who is offered the same places: those with a book of their own, those who answer for a branch,
# those who look on, and those who keep the data.
Audience = Literal["managers", "heads", "compliance", "operations"]
Bar = Literal["side", "bottom", "search"]
# Hits of the search among the places.
FOUND = 5
# The sections of the side bar, by the hundreds of the order numbers. The first has no title; those
# from 800 on stand by themselves at its end.
SECTIONS: dict[int, str | Promise] = {
    1: pgettext_lazy("section", "Marketing and service"),
    2: pgettext_lazy("section", "Team"),
    3: pgettext_lazy("section", "Compliance"),
    4: pgettext_lazy("section", "Rules"),
    5: pgettext_lazy("section", "Data"),
}
# What a person made stands behind the places of the day, under a title of its own.
OWN = 7
OWN_TITLE = pgettext_lazy("section", "My views")
OWN_SHOWN = 12


@dataclass(frozen=True)
class Waiting:
    """A number beside a place; ``late``: something of it is late, or waits for this person."""

    number: int
    late: bool = False

    @property
    def text(self) -> str:
        """The number as it is drawn; '' for none."""
        return "999+" if self.number > 999 else str(self.number or "")


@dataclass(frozen=True)
class Entry:
    """One place.

    ``route``: name of its address; ``fragment``: a part of that page, such as ``search``. A part
    of a page is never marked as the place where one is.
    ``side``, ``bottom``: order number by audience; without one the place is not offered. At the side
    the hundreds are the section (``SECTIONS``).
    ``search``: the same for what is found by the search alone, such as something to begin; what
    stands at the side is found too.
    ``who``: employees who find it at the side whatever their audience, behind ``order``. It is
    asked on every page, so it goes by what is loaded with the employee.
    ``may``: whether an employee may open it at all, where the audience does not say; asked like ``who``.
    ``marks_room``: it is marked on pages of its room (the namespace of ``route``) that are no place
    themselves.
    ``hits``: name of the address that answers while somebody types into the search box of the
    frame, which sends to this place.
    ``count``: the number beside the label, for the employee; asked on every page, so one query.
    """

    route: str
    label: str | Promise
    icon: str
    side: Mapping[Audience, int] = field(default_factory=dict)
    bottom: Mapping[Audience, int] = field(default_factory=dict)
    search: Mapping[Audience, int] = field(default_factory=dict)
    who: Callable[[Any], bool] | None = None
    may: Callable[[Any], bool] | None = None
    order: int = 0
    fragment: str = ""
    marks_room: bool = False
    hits: str = ""
    count: Callable[[Any], Waiting] | None = None

    @property
    def key(self) -> str:
        return f"{self.route}#{self.fragment}" if self.fragment else self.route

    def position(self, bar: Bar, audience: Audience, given: frozenset[str]) -> int | None:
        """The order number in a bar; ``None`` where it is not offered."""
        if f"-{self.key}" in given:
            return None
        orders = self.bottom if bar == "bottom" else self.side
        if audience in orders:
            return orders[audience]
        if bar == "search" and audience in self.search:
            return self.search[audience]
        return self.order if bar != "bottom" and self.key in given else None


@dataclass(frozen=True)
class Place:
    """An entry in one language. ``name`` is the page that it stands for, '' for a part of one."""

    name: str
    url: str
    label: str
    icon: str
    section: int = 0
    count: Callable[[Any], Waiting] | None = None


@dataclass(frozen=True)
class Own:
    """Places that a person made, such as saved views; ``read`` is asked on every page, one query."""

    key: str
    read: Callable[[Any], list[Place]]


registry: Registry[Entry] = Registry("navigation")
own: Registry[Own] = Registry("own places")


def register(*entries: Entry) -> None:
    """Declare places; called from ``AppConfig.ready``, so twice is once."""
    registry.register(*entries)
    bar.cache_clear()


def own_places(employee: Any) -> list[Place]:
    """The places that the employee made, at most ``OWN_SHOWN`` of each kind."""
    return [place for source in own for place in source.read(employee)]


def given_to(employee: Any) -> frozenset[str]:
    """Keys of the entries that are offered to this employee by name, whatever the audience.

    With a minus those that they may not open.
    """
    named = {entry.key for entry in registry if entry.who and entry.who(employee)}
    refused = {f"-{entry.key}" for entry in registry if entry.may and not entry.may(employee)}
    return frozenset(named | refused)


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
            section=order // 100 if name == "side" else 0,
            count=entry.count,
        )
        for order, entry in ordered
    )


def found(
    text: str,
    audience: Audience,
    given: frozenset[str],
    language: str,
    made: Iterable[Place] = (),
) -> list[Place]:
    """Places whose name has ``text`` in it, in either language, in that of the page.

    ``made``: the person's own ones, which have one name and come first.
    """
    text = text.strip().casefold()
    if not text:
        return []
    bars = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            bars.append(bar("search", audience, given, code))
    named = zip(*bars, strict=True)
    urls = {one[0].url for one in named if any(text in place.label.casefold() for place in one)}
    mine = [place for place in made if text in place.label.casefold()]
    named_so = [p for p in bar("search", audience, given, language) if p.url in urls]
    return [*mine, *named_so][:FOUND]


def search_of(audience: Audience) -> Entry | None:
    """The place that the search box of the frame sends to; ``None`` where it is not offered."""
    return next((entry for entry in registry if entry.hits and audience in entry.side), None)


def place_of_room(room: str) -> str:
    """The place that is marked on pages of a room which are no place themselves; '' for none."""
    for entry in registry:
        if entry.marks_room and entry.route.partition(":")[0] == room:
            return entry.route
    return ""
