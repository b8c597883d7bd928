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
class ShownStages:
    """The stages shown on a page, each with its position among all stages of the kind."""

    all: list[tuple[int, Stage]]

    @property
    def later(self) -> list[tuple[int, Stage]]:
        """All but the first stage, in which every opportunity is created."""
        return self.all[1:]

    @property
    def open(self) -> list[Stage]:
        """Open stages: an opportunity can stay in them or be lost from them."""
        return [stage for _place, stage in self.all if stage.kind == Stage.Kind.OPEN]


@dataclass(frozen=True)
class ComparisonRow:
    """One branch (its whole subtree), manager, channel or type of prospect."""

    name: str
    url: str
    created: Figure
    cells: list[Cell]


def lines(
    counts: dict[Any, Count], filters: ConversionFilter, used: ShownStages
) -> tuple[list[ComparisonRow], int]:
    """The lines with the most opportunities, and how many are left out."""
    made = [
        ComparisonRow(
            name=name,
            url=filters.page_url(**{filters.line_key: key}),
            created=Figure(count.all, filters.list_url(**{filters.line_key: key})),
            cells=cells(count.all, count.reached, used.later, filters, {filters.line_key: key}),
        )
        for key, name, count in _named(counts, filters)
        if count.all
    ]
    if filters.line_key != "branch":
        made.sort(key=lambda line: -line.created.value)
    if len(made) <= LINES:
        return made, 0
    kept = {id(line) for line in sorted(made, key=lambda line: -line.created.value)[:LINES]}
    return [line for line in made if id(line) in kept], len(made) - LINES


def _named(counts: dict[Any, Count], filters: ConversionFilter) -> Iterator[tuple[Any, str, Count]]:
    """Value in the address, name and sums of every line, empty ones too."""
    none = Count(0, [], [])
    if filters.line_key == "branch":
        yield from _branches(counts, filters)
    elif filters.line_key == "manager":
        known = {row.pk for row in filters.managers}
        for row in filters.managers:
            yield row.pk, str(row), counts.get(row.pk, none)
        gone = [count for key, count in counts.items() if key is not None and key not in known]
        yield OTHER, _("Left, or in another branch"), _sum(gone, filters)
        yield NONE, _("Nobody"), counts.get(None, none)
    else:
        # A client without a type has an empty one, and one without a channel none.
        rest = {NONE if key in {"", None} else str(key): count for key, count in counts.items()}
        for key, name in filters.names(filters.line_key):
            yield key, str(_UNKNOWN[filters.line_key]) if key == NONE else name, rest.pop(key, none)
        # A client who came from another branch brought its channel along.
        yield OTHER, _("Other channels"), _sum(rest.values(), filters)


def _branches(
    counts: dict[Any, Count], filters: ConversionFilter
) -> Iterator[tuple[Any, str, Count]]:
    """Branches with all below them, parents before children, as their lists count them."""
    top = filters.chosen_branch
    paths = filters.paths(list(counts))
    for row in filters.branches:
        if top is None or row.path.startswith(top.path):
            below = [counts[pk] for pk, path in paths.items() if path.startswith(row.path)]
            yield row.pk, str(row), _sum(below, filters)


def _sum(parts: Iterable[Count], filters: ConversionFilter) -> Count:
    return total(parts, len([row for row in filters.stages if row.kind != Stage.Kind.LOST]))
