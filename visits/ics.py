"""Appointments as iCalendar files (RFC 5545).

Files that leave the product name no client unless the policy row says so; they carry counts and a
link.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from clients.models import addressed
from crm import trading_days
from crm.addresses import address
from crm.policies import PolicyDefinition
from staff import policies
from staff.models import Employee
from visits.models import Callback

NAMES = PolicyDefinition(
    key="calendar_client_names",
    type="yes_no",
    unit="0/1",
    default=0,
    meaning=_("Calendar feeds name the client, with title and place"),
)


_COLUMNS = (
    "public_id",
    "starts_at",
    "minutes",
    "place",
    "reason",
    "created_at",
    "client__name",
    "client__title",
    "confidential",
    "changed",
)


def names_clients(employee: Employee) -> bool:
    """Whether calendars outside may carry surnames and places, by the policy in force."""
    today = trading_days.today()
    return policies.number(NAMES, on=today, branch=employee.branch) == 1


def invitation(employee: Employee, callback: Callback, *, withdrawn: bool = False) -> bytes:
    """An appointment as an invitation to the employee; a cancellation once it is cancelled.

    ``withdrawn``: somebody else has it now, so to this employee it is cancelled, too.
    """
    with translation.override(employee.language or settings.LANGUAGE_CODE):
        calendar = _calendar()
        gone = withdrawn or callback.status == Callback.Status.CANCELLED
        calendar.add("method", "CANCEL" if gone else "REQUEST")
        rows = Callback.objects.visible_to(employee).filter(pk=callback.pk)
        event = _meeting(_rows(rows).get(), names_clients(employee), gone)
        address = employee.email or settings.DEFAULT_FROM_EMAIL
        organizer = vCalAddress(
            f"MAILTO:{settings.DEFAULT_FROM_EMAIL.rpartition('<')[2].rstrip('>')}"
        )
        attendee = vCalAddress(f"MAILTO:{address}")
        attendee.params["CN"] = vText(employee.full_name)
        attendee.params["PARTSTAT"] = vText("ACCEPTED")
        event.add("organizer", organizer)
        event.add("attendee", attendee)
        calendar.add_component(event)
        return bytes(calendar.to_ical())


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//CRM//Callbacks//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _rows(rows: Any) -> Any:
    """Appointments with how often they were changed: the number that invitations count by."""
    return rows.annotate(changed=Count("changes")).values_list(*_COLUMNS, named=True)


def _meeting(row: Any, named: bool, gone: bool = False) -> Event:
    event = Event()
    event.add("uid", f"appointment-{row.public_id}@{_host()}")
    event.add("dtstamp", _now())
    event.add("sequence", max(row.changed - 1, 0))
    event.add("dtstart", row.starts_at.astimezone(UTC))
    event.add("dtend", (row.starts_at + timedelta(minutes=row.minutes)).astimezone(UTC))
    summary = _("Appointment")
    if named and not row.confidential:
        summary = f"{summary} · {addressed(row.client__name[:1], row.client__title)}"
        if row.place:
            event.add("location", row.place)
    event.add("summary", summary)
    event.add("url", f"{settings.SITE_URL.rstrip('/')}{address('visits:callback', row.public_id)}")
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if gone else "CONFIRMED")
    if not gone:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", _("Appointment"))
        alarm.add("trigger", timedelta(minutes=-30))
        event.add_component(alarm)
    return event


def _day(employee: Employee, day: date, count: int) -> Event:
    """All callbacks of a day, as a number and a link."""
    event = Event()
    event.add("uid", f"callbacks-{employee.pk}-{day}@{_host()}")
    event.add("dtstamp", _now())
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    text = ngettext("%(n)s callback", "%(n)s callbacks", count) % {"n": count}
    event.add("summary", text)
    query = f"manager={employee.pk}&status=open&due_from={day}&due_to={day}"
    event.add("url", f"{settings.SITE_URL.rstrip('/')}{address('visits:callbacks')}?{query}")
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    event.add("status", "CONFIRMED")
    return event


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"
