"""Dates of the Chinese lunar calendar, for birthdays that are celebrated by it."""

from __future__ import annotations

from datetime import date, timedelta

from borax.calendars.lunardate import LunarDate


def lunar_birthday(birthday: date) -> int:
    """Lunar month and day on which somebody was born, as month * 100 + day.

    Born in a leap month, one celebrates in the month that it repeats.
    """
    born = LunarDate.from_solar(birthday)
    return int(born.month * 100 + born.day)


def lunar_places(day: date) -> list[int]:
    """The lunar birthdays that are celebrated on ``day``, as month * 100 + day.

    None in a leap month, which repeats one that had them. Those born on a 30th celebrate on the
    29th where the month has no 30th.
    """
    today = LunarDate.from_solar(day)
    if today.leap:
        return []
    found = [int(today.month * 100 + today.day)]
    if today.day == 29 and LunarDate.from_solar(day + timedelta(days=1)).day == 1:
        found.append(int(today.month * 100 + 30))
    return found
