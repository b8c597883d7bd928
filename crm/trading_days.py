"""Business dates, workdays and trading days of the Shanghai and Shenzhen exchanges."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice, repeat

from django.db import connection
from django.utils import timezone

# Longer than any run of closed days so far, so that one query answers.
_LOOK_AHEAD = timedelta(days=30)


def today() -> date:
    """The business date in the installation's time zone (Asia/Shanghai by default)."""
    return timezone.localdate()


def _trading(day: date, exceptions: dict[date, bool]) -> bool:
    return exceptions.get(day, day.weekday() < 5)


# Written out, since nearly every page asks it: to build it took longer than to answer it.
_EXCEPTIONS = "SELECT day, is_trading_day FROM crm_holiday WHERE day BETWEEN %s AND %s"


def _exceptions(start: date, end: date) -> dict[date, bool]:
    with connection.cursor() as cursor:
        cursor.execute(_EXCEPTIONS, [start, end])
        return dict(cursor.fetchall())


def is_trading_day(day: date) -> bool:
    """Whether the exchanges trade on ``day``; a year not yet published counts weekdays."""
    return _trading(day, _exceptions(day, day))


def _from(day: date) -> Iterator[date]:
    """Trading days from ``day`` on; asks the table again for each stretch it looks ahead.

    Where the calendar ends, its last day stands for all that would follow.
    """
    while day < date.max:
        end = day + min(_LOOK_AHEAD, date.max - day)
        exceptions = _exceptions(day, end)
        while day < end:
            if _trading(day, exceptions):
                yield day
            day += timedelta(days=1)
    yield from repeat(date.max)


def on_or_after(day: date) -> date:
    """The first trading day that is not before ``day``."""
    return next(_from(day))


def add(day: date, trading_days: int) -> date:
    """The date ``trading_days`` trading days after ``day`` (``day`` itself not counted)."""
    if trading_days < 1:
        return day
    after = day + min(timedelta(days=1), date.max - day)
    return next(islice(_from(after), trading_days - 1, None))


def between(start: date, end: date) -> list[date]:
    """All trading days from ``start`` to ``end``, both included."""
    exceptions = _exceptions(start, end)
    days = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return [day for day in days if _trading(day, exceptions)]
