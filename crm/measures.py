"""Measures: one definition of each figure, declared by the room that computes it.

Boards, goals and exports draw measures by key, so that a figure has one name, one unit and one way
of counting wherever it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise

from crm.registry import Registry

Text = str | Promise
Unit = Literal["count", "percent", "CNY", "days", "minutes", "points"]
Direction = Literal["more", "less", "neither"]


@dataclass(frozen=True)
class Measure:
    """What a figure means; all texts are lazy translations.

    ``key``: what code and stored settings call it, such as ``visits.reached``.
    ``name``, ``definition``: its title, and a sentence for whoever asks what it says.
    ``unit``: how the number is written; ``percent`` of a hundred, ``CNY`` as a Decimal in yuan.
    ``counts``: which rows count, and which do not.
    ``date_basis``: the date that decides to which period a row belongs.
    ``attribution``: to which employee and branch a row belongs, and as of when.
    ``better``: whether more or less of it is good news; ``neither`` is drawn without a colour.
    ``adds_over_time``, ``adds_over_places``: whether the sum over months, or over branches, is
    the figure of the whole; a share, or a number of different clients, is not.
    ``list_route``: name of the address that lists the rows behind the figure; '' for none.
    """

    key: str
    name: Text
    definition: Text
    unit: Unit
    counts: Text
    date_basis: Text
    attribution: Text
    better: Direction
    adds_over_time: bool
    adds_over_places: bool
    list_route: str = ""

    def __post_init__(self) -> None:
        if self.unit == "percent" and (self.adds_over_time or self.adds_over_places):
            raise ValueError(f"{self.key}: shares do not add up.")


registry: Registry[Measure] = Registry("measures")
register = registry.register
