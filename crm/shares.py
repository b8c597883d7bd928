"""Shares with their counts, and the one rule for small samples (docs/figures.md#small-samples)."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

_95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Share:
    """``led`` of ``reached``; ``low`` to ``high`` in per cent are the bounds of Wilson at 95 %.

    Below ``enough`` there is no share to show: nobody should read noise as truth.
    """

    reached: int
    led: int
    enough: int

    @property
    def is_enough(self) -> bool:
        return self.reached >= self.enough

    @property
    def percent(self) -> int:
        return round(100 * self.led / self.reached)

    @property
    def low(self) -> int:
        return max(0, round(100 * (self._centre - self._half)))

    @property
    def high(self) -> int:
        return min(100, round(100 * (self._centre + self._half)))

    @property
    def _centre(self) -> float:
        return (self.led + _95**2 / 2) / (self.reached + _95**2)

    @property
    def _half(self) -> float:
        spread = self.led * (self.reached - self.led) / self.reached + _95**2 / 4
        return _95 * sqrt(spread) / (self.reached + _95**2)
