"""iCalendar output for other programs: a private feed per employee, and invitations (RFC 5545).

Messages outside name no client unless the policy row says so; they carry counts and a link.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm import trading_days
from staff.models import Employee
from visits.ics import _calendar, _day, _meeting, _rows, names_clients
from visits.models import CalendarFeed, Callback

BEHIND, AHEAD = timedelta(days=31), timedelta(days=180)
# Appointments and days of callbacks in one feed; more than anybody keeps.
MOST = 1000
# The time of the last reading is written at most so often.
NOTED_EVERY = timedelta(minutes=5)


def make(employee: Employee) -> str:
    """Create a feed address for the employee in place of the old one. Returns its secret, once."""
    token = secrets.token_urlsafe(32)
    values = {"token_hash": _hash(token), "made_at": timezone.now(), "read_at": None}
    CalendarFeed.objects.update_or_create(employee=employee, defaults=values)
    return token


def revoke(employee: Employee) -> None:
    """Revoke the employee's feed address."""
    CalendarFeed.objects.filter(employee=employee).update(token_hash=None)


def of_token(token: str) -> CalendarFeed | None:
    """The feed with this secret, if its employee is active.

    Looked up by the hash of a 256-bit secret: how long that takes tells nothing of any secret.
    """
    rows = CalendarFeed.objects.filter(token_hash=_hash(token), employee__is_active=True)
    return rows.select_related("employee__branch").first()


def note_read(feed: CalendarFeed) -> None:
    """Record the time of the last read, with a resolution of some minutes."""
    now = timezone.now()
    if feed.read_at is None or feed.read_at < now - NOTED_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=now)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def url_of(token: str) -> str:
    """The address to be given to a calendar."""
    return f"{settings.SITE_URL.rstrip('/')}{reverse('visits:feed_file', args=[token])}"


def feed(employee: Employee) -> bytes:
    """The employee's appointments, and the number of callbacks per day; three queries."""
    with translation.override(employee.language or settings.LANGUAGE_CODE):
        calendar = _calendar()
        calendar.add("x-wr-calname", _("Callbacks and appointments"))
        calendar.add("x-wr-timezone", settings.TIME_ZONE)
        named = names_clients(employee)
        today = trading_days.today()
        own = Callback.objects.visible_to(employee).filter(employee=employee).open()
        own = own.filter(due_on__range=(today - BEHIND, today + AHEAD)).order_by()
        meetings = own.filter(kind=Callback.Kind.APPOINTMENT).order_by("starts_at", "pk")
        for row in _rows(meetings)[:MOST]:
            calendar.add_component(_meeting(row, named))
        calls = own.exclude(kind=Callback.Kind.APPOINTMENT).values_list("due_on")
        for day, count in calls.annotate(n=Count("pk")).order_by("due_on")[:MOST]:
            calendar.add_component(_day(employee, day, count))
        return bytes(calendar.to_ical())
