"""The grid of a month or a week, as calendars draw it: whole weeks, Monday to Sunday."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from crm import trading_days

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class GridDay:
    """One day of a grid, before anything is put on it."""

    day: date
    inside: bool  # belongs to the month that is asked for, not to the weeks around it
    trades: bool
    today: bool
    past: bool


def week_span(on: date) -> tuple[date, date]:
    """Monday and Sunday of the week of ``on``."""
    first = on - timedelta(days=on.weekday())
    return first, first + timedelta(days=6)


def month_span(on: date) -> tuple[date, date]:
    """First and last day of the whole weeks in which the month of ``on`` lies."""
    last = last_of_month(on)
    return week_span(on.replace(day=1))[0], week_span(last)[1]


def last_of_month(on: date) -> date:
    """The last day of the month of ``on``."""
    return on.replace(day=monthrange(on.year, on.month)[1])


def month_before(on: date) -> date:
    """The first day of the month before that of ``on``."""
    return (on.replace(day=1) - timedelta(days=1)).replace(day=1)


def month_after(on: date) -> date:
    """The first day of the month after that of ``on``."""
    return last_of_month(on) + timedelta(days=1)


def days(first: date, last: date, *, month: date | None = None) -> Iterator[GridDay]:
    """Each day from ``first`` to ``last``; all of them are inside where no ``month`` is asked for.

    One query at most, for the days on which the exchanges are closed.
    """
    today = trading_days.today()
    trading = set(trading_days.between(first, last))
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        inside = month is None or (day.year, day.month) == (month.year, month.month)
        yield GridDay(day, inside, day in trading, day == today, day < today)
