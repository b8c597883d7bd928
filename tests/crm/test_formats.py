"""Dates as people read and type them: alike in both languages where they are short."""

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.utils import translation
from django.utils.formats import date_format

AT = datetime(2026, 3, 9, 17, 5, tzinfo=UTC)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_short_dates_are_those_of_tables(language: str) -> None:
    with translation.override(language):
        assert date_format(AT, "SHORT_DATE_FORMAT") == "2026-03-09"
        assert date_format(AT, "SHORT_DATETIME_FORMAT") == "2026-03-09 17:05"
        assert date_format(AT, "TIME_FORMAT") == "17:05"
        assert date_format(AT, "DATETIME_FORMAT").endswith("17:05")
        assert forms.DateField(localize=True).clean("2026-03-09") == date(2026, 3, 9)


def test_a_day_of_the_month_has_no_zero_before_it() -> None:
    with translation.override("zh-hans"):
        assert date_format(date(2026, 9, 1), "MONTH_DAY_FORMAT") == "9月1日"
        assert date_format(date(2026, 9, 1), "YEAR_MONTH_FORMAT") == "2026年9月"
