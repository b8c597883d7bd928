"""Callbacks are placed on trading days within each employee's capacity (docs/callbacks.md)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

# The day on which there is room where no day holds a single call.
NEVER = 10**9


@dataclass(frozen=True, slots=True)
class Item:
    """A callback to place, in its turn: the caller sorts by hard limit, tier and date."""

    client: int
    kind: str
    occurrence: str
    employee: int | None
    segment: int
    earliest: date
    window_end: date


class _Free:
    """The next day with room for one key, by union-find over the index of trading days."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used: dict[int, int] = {}
        self.next: dict[int, int] = {}

    def find(self, day: int) -> int:
        if self.limit < 1:
            return max(day, NEVER)
        path = []
        while day in self.next:
            path.append(day)
            day = self.next[day]
        for passed in path:
            self.next[passed] = day
        return day

    def block(self, day: int) -> None:
        """No room on that day, whatever is used."""
        self.next.setdefault(day, day + 1)

    def take(self, day: int, count: int = 1) -> None:
        self.used[day] = self.used.get(day, 0) + count
        if self.used[day] >= self.limit:
            self.next[day] = day + 1


class Levels:
    """Load per employee and trading day, in all and by segment."""

    def __init__(
        self, days: list[date], capacities: dict[int, int], shares: dict[int, int]
    ) -> None:
        self.days = days
        self.capacities = capacities
        self.shares = shares
        self._all: dict[int, _Free] = {}
        self._by_segment: dict[tuple[int, int], _Free] = {}
        self._away: dict[int, _Free] = {}

    def _free(self, employee: int, segment: int) -> list[_Free]:
        every = self._all.setdefault(employee, _Free(self.capacities[employee]))
        if segment not in self.shares:
            return [every]
        share = _Free(self.shares[segment])
        return [every, self._by_segment.setdefault((employee, segment), share)]

    def load(self, rows: Iterable[tuple[int, int, date, int]]) -> None:
        """Count calls that are planned or done: (employee, segment, day, how many)."""
        for employee, segment, day, count in rows:
            index = bisect_left(self.days, day)
            if index < len(self.days) and self.days[index] == day:
                for free in self._free(employee, segment):
                    free.take(index, count)

    def block(self, employee: int, starts_on: date, ends_on: date) -> None:
        """Days on which the employee is away."""
        first, end = bisect_left(self.days, starts_on), bisect_right(self.days, ends_on)
        free = self._all.setdefault(employee, _Free(self.capacities[employee]))
        away = self._away.setdefault(employee, _Free(1))
        for day in range(first, end):
            free.block(day)
            away.block(day)

    def place(self, items: Iterable[Item]) -> Iterator[tuple[Item, date, bool]]:
        """The day of each item and whether it exceeds the capacity of that day."""
        for item in items:
            first = bisect_left(self.days, item.earliest)
            last = max(first, bisect_right(self.days, item.window_end) - 1)
            if item.employee is None:
                yield item, self.days[first], False
                continue
            frees = self._free(item.employee, item.segment)
            day = self._fit(frees, first)
            over = day > last
            if over:
                day = self._last_present(item.employee, first, last)
            for free in frees:
                free.take(day)
            yield item, self.days[day], over

    @staticmethod
    def _fit(frees: list[_Free], day: int) -> int:
        while True:
            free_day = day
            for free in frees:
                free_day = free.find(free_day)
            if free_day == day:
                return day
            day = free_day

    def _last_present(self, employee: int, first: int, last: int) -> int:
        """The last day of the window on which the employee is there; else the window's last."""
        away = self._away.get(employee)
        if away is None:
            return last
        days = range(last, first - 1, -1)
        return next((day for day in days if away.find(day) == day), last)
