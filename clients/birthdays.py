"""Birthdays: which are believed, and when those of the Chinese lunar calendar are celebrated."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from borax.calendars.lunardate import LunarDate
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clients.models import Client
from crm.trading_days import today

OLDEST = date(1900, 1, 31)  # the first day that the lunar calendar here knows


def check_birthday(birthday: date) -> None:
    """Raise ValidationError for a birthday in the future or implausibly long ago."""
    if birthday > today():
        raise ValidationError(_("The birthday lies in the future: check the year."))
    if birthday < OLDEST:
        raise ValidationError(_("The birthday lies before 1900: check the year."))


def lunar_birthday(birthday: date) -> int:
    """Lunar month and day of a birthday, as month * 100 + day.

    Born in a leap month, one celebrates in the month that it repeats.
    """
    born = LunarDate.from_solar(birthday)
    return int(born.month * 100 + born.day)


def renew_lunar(clients: Collection[int]) -> None:
    """Update the lunar birthday of those of ``clients`` who celebrate by the lunar calendar."""
    rows = Client.objects.filter(pk__in=clients, birthday__isnull=False, lunar_birthday__gt=0)
    changed = []
    for row in rows.only("birthday", "lunar_birthday"):
        assert row.birthday is not None  # noqa: S101 - filtered above
        born = lunar_birthday(row.birthday)
        if row.lunar_birthday != born:
            row.lunar_birthday = born
            changed.append(row)
    Client.objects.bulk_update(changed, ["lunar_birthday"], batch_size=1000)


def lunar_places(day: date) -> list[int]:
    """The lunar birthdays that are celebrated on ``day``, as month * 100 + day.

    None in a leap month, which repeats one that had them. Those born on a 30th celebrate on the
    29th where the month has no 30th.
    """
    lunar = LunarDate.from_solar(day)
    if lunar.leap:
        return []
    places = [int(lunar.month * 100 + lunar.day)]
    if lunar.day == 29 and LunarDate.from_solar(day + timedelta(days=1)).day == 1:
        places.append(int(lunar.month * 100 + 30))
    return places
