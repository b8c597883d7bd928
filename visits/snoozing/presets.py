"""The days and reasons that people choose most when they put a callback off, offered by one tap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from crm import trading_days
from staff.models import Employee
from visits.contacts.snooze_limits import Limits
from visits.models import Callback, CallbackChange, Outcome

# Trading begins again.
AFTERNOON = time(13)
# What is offered to whoever has given no reasons yet.
USUAL = (
    gettext_noop("The client asked to be called later"),
    gettext_noop("The client is travelling"),
    gettext_noop("I am out of office"),
)
REASONS = 4
# So many of one's own last decisions are looked at.
_READ = 40


@dataclass(frozen=True)
class Preset:
    """A day by its name; ``at``: a time of today until which the callback rests instead."""

    key: str
    label: str | Promise
    day: date
    at: datetime | None = None

    @property
    def when(self) -> str:
        """The day or the time that the name stands for."""
        return f"{timezone.localtime(self.at):%H:%M}" if self.at else date_format(self.day, "m-d")


def known() -> dict[str, Preset]:
    """Every preset that makes sense now, by its key; days are trading days."""
    today, now = trading_days.today(), timezone.localtime()
    monday = today + timedelta(days=7 - today.weekday())
    made = [
        Preset("tomorrow", _("Tomorrow"), trading_days.on_or_after(today + timedelta(days=1))),
        Preset("monday", _("Monday"), trading_days.on_or_after(monday)),
        Preset("week", _("In a week"), trading_days.on_or_after(today + timedelta(days=7))),
    ]
    afternoon = timezone.make_aware(datetime.combine(today, AFTERNOON))
    if now < afternoon and trading_days.is_trading_day(today):
        made.insert(0, Preset("afternoon", _("This afternoon"), today, afternoon))
    return {preset.key: preset for preset in made}


def offered(callback: Callback, limits: Limits | None) -> list[Preset]:
    """Presets for one callback, each day once: not beyond its limits, nothing of today before it
    is due."""
    by_day: dict[date, Preset] = {}
    for preset in known().values():
        rests = preset.at is not None
        if rests and (callback.due_on > preset.day or callback.starts_at is not None):
            continue
        if limits is None or rests or preset.day <= limits.last:
            by_day[preset.day] = preset
    return list(by_day.values())


def reasons(employee: Employee) -> list[str]:
    """The reasons that the employee gave last, each once, then usual ones."""
    asked = [CallbackChange.Action.SNOOZED, CallbackChange.Action.ASKED]
    rows = CallbackChange.objects.filter(employee=employee, action__in=asked)
    given = rows.order_by("-pk").values_list("reason", flat=True)[:_READ]
    # A try in vain puts off, too, and gives its outcome as the reason.
    outcomes = {
        name for row in Outcome.objects.all() for name in (row.name_zh, row.name_en, str(row))
    }
    own = [reason for reason in given if reason not in outcomes]
    return list(dict.fromkeys([*own, *map(gettext, USUAL)]))[:REASONS]
