"""The calendar of the exchanges: closed days, make-up Saturdays, years not yet published."""

from datetime import date, timedelta

import pytest

from crm import trading_days
from crm.models import Holiday

pytestmark = pytest.mark.django_db


def test_it_knows_closed_days_and_make_up_saturdays() -> None:
    # National Day 2025: closed until 8 October; Saturday the 11th is worked but not traded.
    assert trading_days.on_or_after(date(2025, 10, 1)) == date(2025, 10, 9)
    assert not trading_days.is_trading_day(date(2025, 10, 11))
    assert Holiday.objects.get(day=date(2025, 10, 11)).is_workday


def test_it_takes_the_computed_calendar_where_a_year_is_not_published() -> None:
    assert not Holiday.objects.filter(day__year=2035).exists()
    assert not trading_days.is_trading_day(date(2035, 10, 1))
    assert trading_days.on_or_after(date(2035, 10, 1)) == date(2035, 10, 4)
    assert trading_days.on_or_after(date(2035, 10, 6)) == date(2035, 10, 8)
    assert trading_days.add(date(2035, 10, 5), 1) == date(2035, 10, 8)


def test_it_knows_new_year_and_spring_festival_before_they_are_published() -> None:
    # Friday, New Year 2027; then the week-end.
    assert trading_days.on_or_after(date(2027, 1, 1)) == date(2027, 1, 4)
    # The eve of the Spring Festival is a Friday, Wednesday the fifth day.
    assert trading_days.on_or_after(date(2027, 2, 5)) == date(2027, 2, 11)


def test_it_counts_weekdays_where_nothing_can_be_computed() -> None:
    assert trading_days.is_trading_day(date(2101, 10, 3))
    assert trading_days.provisional_years([2026, 2101]) == []


def test_it_lets_the_published_list_override_the_computed_calendar() -> None:
    computed, listed = date(2027, 2, 5), date(2027, 2, 11)
    Holiday.objects.create(day=listed)
    # A list that is entered in part decides its own days only.
    assert not trading_days.is_trading_day(listed)
    assert not trading_days.is_trading_day(computed)
    assert trading_days.provisional_years([2026, 2027, 2028]) == [2027, 2028]
    Holiday.objects.create(day=date(2027, 10, 1))
    assert trading_days.is_trading_day(computed)
    assert not trading_days.is_trading_day(listed)
    assert trading_days.provisional_years([2026, 2027, 2028]) == [2028]


def test_it_follows_the_holiday_table() -> None:
    Holiday.objects.create(day=date(2035, 10, 1), name="国庆节")
    assert trading_days.on_or_after(date(2035, 10, 1)) == date(2035, 10, 2)
    assert date(2035, 10, 1) not in trading_days.between(date(2035, 9, 28), date(2035, 10, 3))


def test_it_counts_trading_days_over_a_holiday() -> None:
    # The last trading day before National Day 2025 was 30 September.
    assert trading_days.add(date(2025, 9, 30), 1) == date(2025, 10, 9)
    assert trading_days.add(date(2025, 9, 30), 0) == date(2025, 9, 30)
    assert trading_days.between(date(2025, 9, 30), date(2025, 10, 10)) == [
        date(2025, 9, 30),
        date(2025, 10, 9),
        date(2025, 10, 10),
    ]


def test_it_gives_an_answer_for_every_day_of_its_reach() -> None:
    day = date(1990, 12, 19)
    while day < date(2060, 1, 1):
        found = trading_days.on_or_after(day)
        assert timedelta() <= found - day < timedelta(days=20)
        day += timedelta(days=97)


def test_it_answers_where_the_calendar_ends() -> None:
    """A wrong date of a file or a form ends in a sentence, never in an overflow."""
    last = date.max  # a Friday
    assert trading_days.on_or_after(date(9999, 12, 25)) == date(9999, 12, 27)
    assert trading_days.on_or_after(last) == last
    assert trading_days.add(date(9999, 12, 30), 1) == last
    assert trading_days.add(date(9999, 12, 30), 40) == last
    assert trading_days.add(last, 1) == last


def test_it_survives_a_year_that_is_closed_for_weeks() -> None:
    """Rows that people enter may be nonsense; the calendar still answers."""
    start = date(2035, 1, 1)
    Holiday.objects.bulk_create(Holiday(day=start + timedelta(days=n)) for n in range(60))
    found = trading_days.on_or_after(start)
    assert found >= start
    assert trading_days.is_trading_day(found)
    assert trading_days.is_trading_day(trading_days.add(start, 3))
