"""Date arithmetic of the cadence, and that SQL says the same."""

from datetime import date, timedelta
from typing import Literal

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from crm import trading_days
from crm.models import Holiday
from visits.cadence import due_date
from visits.planning.day_statements import CALENDAR
from visits.planning.statements import IDEAL

ANCHORS = st.dates(date(2008, 1, 1), date(2027, 12, 31))
UNITS = st.sampled_from(["day", "month"])


@pytest.mark.parametrize(
    ("anchor", "every", "unit", "nth", "expected"),
    [
        (date(2026, 1, 31), 1, "month", 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 1, "month", 2, date(2026, 3, 31)),
        (date(2024, 1, 31), 1, "month", 1, date(2024, 2, 29)),
        (date(2026, 11, 30), 3, "month", 1, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, "month", 1, date(2027, 1, 15)),
        (date(2026, 2, 20), 14, "day", 1, date(2026, 3, 6)),
        (date(2026, 2, 20), 14, "day", 3, date(2026, 4, 3)),
    ],
)
def test_it_counts_from_the_anchor_and_clamps_month_ends(
    anchor: date, every: int, unit: Literal["day", "month"], nth: int, expected: date
) -> None:
    assert due_date(anchor, every, unit, nth) == expected


@pytest.mark.parametrize(("every", "unit", "nth"), [(0, "day", 1), (1, "day", 0), (1, "year", 1)])
def test_it_refuses_what_is_no_cadence(every: int, unit: str, nth: int) -> None:
    with pytest.raises(ValueError, match=r"count from 1|unknown unit"):
        due_date(date(2026, 1, 1), every, unit, nth)  # type: ignore[arg-type]


@pytest.mark.django_db
@settings(deadline=None, max_examples=150)
@given(ANCHORS, st.integers(1, 60), UNITS, st.integers(1, 5))
def test_it_gives_the_same_date_in_sql(
    anchor: date, every: int, unit: Literal["day", "month"], nth: int
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {IDEAL} FROM (SELECT %s::date AS anchor_on, %s::text AS unit,"
            " %s::integer AS every, %s::integer AS nth) given",
            [anchor, unit, every, nth],
        )
        assert cursor.fetchone() == (due_date(anchor, every, unit, nth),)


@pytest.mark.django_db
@settings(deadline=None, max_examples=20)
@given(ANCHORS)
def test_it_shifts_in_sql_as_the_trading_calendar_does(first: date) -> None:
    sql_agrees_from(first)


def sql_agrees_from(first: date) -> None:
    """Compare the calendar of planning with ``trading_days`` over forty days."""
    last = first + timedelta(days=40)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH visits_span AS (SELECT %(first)s::date AS first, %(last)s::date + 40 AS last)"
            f" SELECT day, next_on, trading FROM ({CALENDAR}) days WHERE day <= %(last)s",
            {
                "first": first,
                "last": last,
                "computed_closed_days": trading_days.computed_closed_days(first.year),
            },
        )
        for day, shifted, trading in cursor.fetchall():
            assert shifted == trading_days.on_or_after(day)
            assert trading == trading_days.is_trading_day(day)


LISTED = st.dates(date(2026, 1, 1), date(2030, 12, 31))


@pytest.mark.django_db
@settings(deadline=None, max_examples=60)
@given(LISTED, st.dictionaries(LISTED, st.booleans(), max_size=8), st.sets(st.integers(2027, 2030)))
def test_it_agrees_with_planning_in_years_that_are_published_in_part(
    first: date, rows: dict[date, bool], published: set[int]
) -> None:
    """Whatever the table of holidays holds of 2026 to 2030."""
    rows |= dict.fromkeys((date(year, 10, 4) for year in published), False)
    with transaction.atomic():
        for day, trading in rows.items():
            Holiday.objects.update_or_create(day=day, defaults={"is_trading_day": trading})
        sql_agrees_from(first)
        transaction.set_rollback(True)
