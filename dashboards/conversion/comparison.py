"""The conversion of each branch, manager, channel or type of prospect beside the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards.board.selectors import Figure
from dashboards.conversion.counts import Cell, Count, cells, total
from dashboards.conversion.filters import ConversionFilter
from pipeline.board.filters import NONE, OTHER
from pipeline.models import Stage

# Lines on one page; those with the most opportunities stay.
LINES = 60
_UNKNOWN = {"channel": gettext_lazy("No channel"), "type": gettext_lazy("Type not known")}


@dataclass(frozen=True)
class Way:
    """The stages that a page shows, each with its place among all of the kind."""

    all: list[tuple[int, Stage]]

    @property
    def later(self) -> list[tuple[int, Stage]]:
        """Without the first one, which whoever is created stands in."""
        return self.all[1:]

    @property
    def open(self) -> list[Stage]:
        """Those that an opportunity can stay in, or be lost from."""
        return [stage for _place, stage in self.all if stage.kind == Stage.Kind.OPEN]


@dataclass(frozen=True)
class Line:
    """One branch (its whole subtree), manager, channel or type of prospect."""

    name: str
    url: str
    created: Figure
    cells: list[Cell]


def lines(told: dict[Any, Count], filters: ConversionFilter, used: Way) -> tuple[list[Line], int]:
    """The lines with the most opportunities, and how many are left out."""
    made = [
        Line(
            name=name,
            url=filters.page_url(**{filters.line_key: key}),
            created=Figure(count.all, filters.list_url(**{filters.line_key: key})),
            cells=cells(count.all, count.reached, used.later, filters, {filters.line_key: key}),
        )
        for key, name, count in _named(told, filters)
        if count.all
    ]
    if filters.line_key != "branch":
        made.sort(key=lambda line: -line.created.value)
    if len(made) <= LINES:
        return made, 0
    kept = {id(line) for line in sorted(made, key=lambda line: -line.created.value)[:LINES]}
    return [line for line in made if id(line) in kept], len(made) - LINES


def _named(told: dict[Any, Count], filters: ConversionFilter) -> Iterator[tuple[Any, str, Count]]:
    """Value in the address, name and sums of every line, empty ones too."""
    none = Count(0, [], [])
    if filters.line_key == "branch":
        yield from _branches(told, filters)
    elif filters.line_key == "manager":
        for row in filters.managers:
            yield row.pk, str(row), told.get(row.pk, none)
        yield NONE, _("Nobody"), told.get(None, none)
    else:
        # A client without a type has an empty one, and one without a channel none.
        rest = {NONE if key in {"", None} else str(key): count for key, count in told.items()}
        for key, name in filters.names(filters.line_key):
            yield key, str(_UNKNOWN[filters.line_key]) if key == NONE else name, rest.pop(key, none)
        # A client who came from another branch brought its channel along.
        yield OTHER, _("Other channels"), _sum(rest.values(), filters)


def _branches(
    told: dict[Any, Count], filters: ConversionFilter
) -> Iterator[tuple[Any, str, Count]]:
    """Branches with all below them, parents before children, as their lists count them."""
    top = filters.chosen_branch
    paths = filters.paths(list(told))
    for row in filters.branches:
        if top is None or row.path.startswith(top.path):
            below = [told[pk] for pk, path in paths.items() if path.startswith(row.path)]
            yield row.pk, str(row), _sum(below, filters)


def _sum(counts: Iterable[Count], filters: ConversionFilter) -> Count:
    return total(counts, len([row for row in filters.stages if row.kind != Stage.Kind.LOST]))
