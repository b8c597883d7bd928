"""Business dates, workdays and trading days of the Shanghai and Shenzhen exchanges.

The exchanges publish the closed days of a year late in the year before; the table ``Holiday`` holds
them. A year whose list is not in the table yet is provisional: there the calendar XSHG of the package
``holidays``, which computes the statutory days, says which weekdays are closed. A row of the table
always decides its own day. The list of a year is taken to be complete as soon as it names a day of the
first week of October, the last of the year's holidays.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
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


# Years that may be provisional: the list that ships ends before them, and XSHG ends with them.
_COMPUTED = range(2027, 2101)


@lru_cache(maxsize=len(_COMPUTED))
def _computed(year: int) -> frozenset[date]:
    """The weekdays of a year on which XSHG is closed by the calendar of ``holidays``."""
    if year not in _COMPUTED:
        return frozenset()
    # Takes a tenth of a second to import; most processes never ask.
    from holidays.financial.shanghai_stock_exchange import ShanghaiStockExchange

    calendar: Iterable[date] = ShanghaiStockExchange(years=year)  # type: ignore[no-untyped-call]
    return frozenset(day for day in calendar if day.weekday() < 5)


# Years around a day that planning may name: cadences and windows reach no further.
_YEARS_AROUND = range(-2, 11)


@lru_cache(maxsize=8)
def computed_closed_days(year: int) -> str:
    """Days that are closed while their year is provisional, as an array of PostgreSQL.

    Of ten years from ``year`` on, and of two before it.
    """
    days = sorted(day for n in _YEARS_AROUND for day in _computed(year + n))
    return "{" + ",".join(map(str, days)) + "}"


def _end_of_list(year: int) -> list[date]:
    """The days of which the list of a year names one at least when it is complete."""
    return [date(year, 10, day) for day in range(1, 9)]


# Written out, since nearly every page asks it: to build it took longer than to answer it.
_EXCEPTIONS = """
SELECT day, is_trading_day FROM crm_holiday
WHERE day BETWEEN %s AND %s OR day = ANY (%s::date[])
"""


def _exceptions(start: date, end: date) -> dict[date, bool]:
    """Days from ``start`` to ``end`` that differ from their weekday, and whether they trade."""
    years = range(max(start.year, _COMPUTED.start), min(end.year, _COMPUTED.stop - 1) + 1)
    closed = [day for year in years for day in _computed(year) if start <= day <= end]
    ends = [day for year in {day.year for day in closed} for day in _end_of_list(year)]
    with connection.cursor() as cursor:
        cursor.execute(_EXCEPTIONS, [start, end, ends])
        listed = dict(cursor.fetchall())
    published = {day.year for day in ends if day in listed}
    return {day: False for day in closed if day.year not in published} | listed


def provisional_years(years: Iterable[int]) -> list[int]:
    """Those of ``years`` that are computed because their list is not in the table yet."""
    asked = {day: year for year in years if year in _COMPUTED for day in _end_of_list(year)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT day FROM crm_holiday WHERE day = ANY (%s::date[])", [list(asked)])
        published = {asked[day] for (day,) in cursor.fetchall()}
    return sorted({*asked.values()} - published)


def is_trading_day(day: date) -> bool:
    """Whether the exchanges trade on ``day``, by the published list or the provisional calendar."""
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
