"""Kaplan-Meier estimate of durations, with unfinished ones as censored.

Unfinished stays count as "at least so many days": leaving them out would make every stage
look quicker than it is, and counting them as left would, too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Staying:
    """Stays in one stage by their length in days: those that ended, and those that go on."""

    # From how many on its length is told.
    enough: int
    left: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    there: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def count(self) -> int:
        return sum(self.left.values()) + sum(self.there.values())

    @property
    def is_enough(self) -> bool:
        return self.count >= self.enough

    def until(self, share: float) -> int | None:
        """Days after which ``share`` (0 to 1) have left; ``None`` while that many have not."""
        at_risk, remain = self.count, 1.0
        for days in sorted({*self.left, *self.there}):
            remain *= 1 - self.left.get(days, 0) / at_risk
            # Rounding: 1 - 0.8 is a little less than 0.2.
            if remain <= 1 - share + 1e-9:
                return days
            at_risk -= self.left.get(days, 0) + self.there.get(days, 0)
        return None

    @property
    def median(self) -> int | None:
        return self.until(0.5)

    @property
    def most(self) -> int | None:
        """Days after which four of five have left."""
        return self.until(0.8)
