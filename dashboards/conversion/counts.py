"""Sums of the conversion page, and the cells that its tables are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crm.shares import Share
from dashboards.board.selectors import Figure
from dashboards.conversion.filters import ConversionFilter
from pipeline.models import Stage


@dataclass(frozen=True)
class Count:
    """One group: how many in all, and per stage how many reached it, so far and in time."""

    all: int
    reached: Sequence[int]
    within: Sequence[int]

    @classmethod
    def of(cls, counts: Sequence[int]) -> Count:
        """From a row of ``statements.stage_history``."""
        return cls(counts[0], counts[1::2], counts[2::2])


def total(counts: Iterable[Count], stages: int) -> Count:
    """All groups together."""
    made = [0] * (1 + 2 * stages)
    for count in counts:
        made[0] += count.all
        for place in range(stages):
            made[1 + 2 * place] += count.reached[place]
            made[2 + 2 * place] += count.within[place]
    return Count.of(made)


@dataclass(frozen=True)
class Cell:
    """How many of a row reached a stage, and their share."""

    figure: Figure
    share: Share


def cells(
    everyone: int,
    counts: Sequence[int],
    stages: Iterable[tuple[int, Stage]],
    filters: ConversionFilter,
    row: dict[str, Any],
    **more: Any,
) -> list[Cell]:
    """The cells of a row that ``row`` narrows the list to, one for each of ``stages``."""
    return [
        Cell(
            Figure(counts[place], filters.list_url(**(row | more | {"reached": stage.key}))),
            Share(everyone, counts[place], filters.enough),
        )
        for place, stage in stages
    ]
