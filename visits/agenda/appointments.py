"""Appointments: a contact with a time and a place. They are callbacks of a kind of their own."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, QuerySet, Value
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.models import Client, Lifecycle
from crm import trading_days
from crm.reasons import clean_reason
from staff.models import Employee
from visits.contacts import invitations
from visits.contacts.callbacks import FURTHEST, locked_open, note_change, plan_of
from visits.models import Callback, CallbackChange
from visits.planning.replan import replan

LONGEST = 600  # minutes
SHOWN_CONFLICTS = 5


@transaction.atomic
def book(
    *,
    client: Client,
    employee: Employee | None,
    starts_at: datetime,
    minutes: int,
    place: str,
    reason: str,
    by: Employee,
    token: uuid.UUID,
    instead_of: Callback | None = None,
) -> Callback:
    """Book an appointment; the same ``token`` twice is one. Any day will do, trading or not.

    ``instead_of`` is an open callback whose place it takes. Raises ValidationError for a time
    that is past, a length of nothing or over midnight, and for a closed client.
    """
    reason = clean_reason(reason)
    client = Client.objects.select_for_update().get(pk=client.pk)
    occurrence = f"appointment:{token}"
    made = Callback.objects.filter(client=client, kind="appointment", occurrence=occurrence).first()
    if made is not None:
        return made
    if client.lifecycle == Lifecycle.CLOSED or client.merged_into_id is not None:
        raise ValidationError(_("This client is closed: no callback can be planned."))
    check_time(starts_at, minutes)
    day = timezone.localdate(starts_at)
    made = Callback.objects.create(
        client=client,
        employee=employee,
        kind=Callback.Kind.APPOINTMENT,
        occurrence=occurrence,
        plan=plan_of(client),
        anchor_on=trading_days.today(),
        ideal_on=day,
        earliest_on=day,
        due_on=day,
        window_end=day,
        reason=reason,
        is_placed=True,
        starts_at=starts_at,
        minutes=minutes,
        place=place.strip(),
    )
    note_change(made, CallbackChange.Action.CREATED, before=None, reason=reason, by=by)
    if instead_of is not None:
        _replace(instead_of, by)
    invitations.announce(made)
    replan(client)
    made.refresh_from_db()
    return made


def _replace(callback: Callback, by: Employee) -> None:
    """Close the promise to meet that the appointment fulfils."""
    rows = Callback.objects.filter(pk=callback.pk, kind=Callback.Kind.PROMISE, status="open")
    because = Callback.Cancelled.PERSON
    if rows.update(status=Callback.Status.CANCELLED, cancelled_because=because):
        note_change(
            callback,
            CallbackChange.Action.CANCELLED,
            before=callback.due_on,
            reason=_("An appointment stands in its place"),
            by=by,
        )


@transaction.atomic
def change(
    *,
    callback: Callback,
    starts_at: datetime,
    minutes: int,
    place: str,
    reason: str,
    by: Employee,
) -> Callback:
    """Move an open appointment in time or place, for a reason."""
    reason = clean_reason(reason)
    Client.objects.select_for_update().get(pk=callback.client_id)
    callback = locked_open(callback)
    check_time(starts_at, minutes)
    before = callback.due_on
    callback.starts_at, callback.minutes, callback.place = starts_at, minutes, place.strip()
    callback.due_on = timezone.localdate(starts_at)
    callback.window_end = max(callback.window_end, callback.due_on)
    fields = ["starts_at", "minutes", "place", "due_on", "window_end"]
    callback.save(update_fields=fields)
    note_change(callback, CallbackChange.Action.MOVED, before=before, reason=reason, by=by)
    invitations.announce(callback)
    replan(callback.client)
    callback.refresh_from_db()
    return callback


def check_start(starts_at: datetime) -> None:
    """Refuse a time that is past or too far."""
    if starts_at <= timezone.now():
        raise ValidationError(_("Choose a time to come."))
    if timezone.localdate(starts_at) > trading_days.today() + FURTHEST:
        raise ValidationError(_("Choose a date within a year."))


def check_time(starts_at: datetime, minutes: int) -> None:
    """Refuse a time that is past or too far, and a length of nothing or over midnight."""
    try:
        check_start(starts_at)
    except ValidationError as error:
        raise ValidationError({"starts_at": error.messages}) from error
    if not 1 <= minutes <= LONGEST:
        raise ValidationError({"minutes": _("Say how long it takes: 1 to 600 minutes.")})
    ends_at = starts_at + timedelta(minutes=minutes)
    if timezone.localdate(ends_at) != timezone.localdate(starts_at):
        raise ValidationError({"minutes": _("It must end on the same day.")})


def conflicts(
    *, employee: Employee, starts_at: datetime, minutes: int, but: Callback | None = None
) -> list[Callback]:
    """The employee's own open appointments that overlap this time, the first few."""
    length = ExpressionWrapper(
        F("minutes") * Value(timedelta(minutes=1)), output_field=DurationField()
    )
    rows = upcoming(employee).annotate(ends_at=F("starts_at") + length)
    rows = rows.filter(starts_at__lt=starts_at + timedelta(minutes=minutes), ends_at__gt=starts_at)
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    return list(rows[:SHOWN_CONFLICTS])


def upcoming(employee: Employee) -> QuerySet[Callback]:
    """The employee's own open appointments, the first one first."""
    rows = Callback.objects.visible_to(employee).open()
    rows = rows.filter(employee=employee, kind=Callback.Kind.APPOINTMENT)
    return rows.select_related("client").order_by("starts_at", "pk")


@dataclass(frozen=True)
class Coming:
    """One appointment at the side of Today."""

    url: str
    name: str
    when: str
    place: str
    late: bool
    # Whether it is of another day than today.
    other_day: bool


def coming(url: str, name: str, starts_at: datetime, place: str, today: date) -> Coming:
    """An appointment as Today names it: its time, and its day where that is not today."""
    at = timezone.localtime(starts_at)
    when = f"{at:%H:%M}"
    if at.date() != today:
        when = f"{date_format(at, 'MONTH_DAY_FORMAT')} {when}"
    return Coming(url, name, when, place, starts_at < timezone.now(), at.date() != today)
