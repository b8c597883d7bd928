"""Moving callbacks on the calendar, and reassigning them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client
from clients.querysets import changed_sql
from crm import trading_days
from crm.reasons import clean_reason
from staff.middleware import system_work
from staff.models import HEADS, OWNERS, Employee
from staff.notifications.services import Line, notify
from visits.agenda.appointments import check_time
from visits.contacts import invitations, snooze_limits
from visits.contacts.callbacks import FURTHEST, locked_open, note_change
from visits.models import Callback, CallbackChange
from visits.notifications.kinds import GIVEN
from visits.planning.replan import replan


@dataclass(frozen=True)
class Moved:
    """The callback on its new day; ``shifted`` when that is not the requested day."""

    callback: Callback
    shifted: bool


@transaction.atomic
def move(*, callback: Callback, day: date, reason: str, by: Employee) -> Moved:
    """Put an open callback on another day, earlier or later, for a reason.

    A day without trading gives way to the next trading day, except for an appointment, which keeps
    its time of day. Raises ValidationError for a day that is past or beyond the hard limit.
    """
    reason = clean_reason(reason)
    Client.objects.select_for_update().get(pk=callback.client_id)
    callback = locked_open(callback)
    before, wanted = callback.due_on, day
    check_day(day)
    if callback.starts_at is None:
        day = trading_days.on_or_after(day)
    else:
        starts_at = same_time(callback.starts_at, day)
        check_time(starts_at, callback.minutes or 0)
        callback.starts_at = starts_at
    if callback.hard_limit_on is not None and day > callback.hard_limit_on:
        sentence = _("It must be done by %(day)s: choose an earlier date.")
        raise ValidationError({"day": sentence % {"day": callback.hard_limit_on.isoformat()}})
    snooze_limits.check(callback, day, by, field="day")
    if day == before:
        raise ValidationError({"day": _("It is on that day already.")})
    put_on(callback, day)
    callback.save(update_fields=PLACED)
    note_change(callback, CallbackChange.Action.MOVED, before=before, reason=reason, by=by)
    invitations.announce(callback)
    replan(callback.client)
    callback.refresh_from_db()
    return Moved(callback, day != wanted)


def check_day(day: date) -> None:
    """Refuse a day that is past or beyond a year. Raises ValidationError on ``day``."""
    today = trading_days.today()
    if day < today:
        raise ValidationError({"day": _("That day is over. Choose today or a day to come.")})
    if day > today + FURTHEST:
        raise ValidationError({"day": _("Choose a date within a year.")})


# The columns that ``put_on`` and an appointment's new time change, and those of ``give``.
PLACED = ["due_on", "window_end", "is_placed", "over_capacity", "starts_at", "rests_until"]
GIVEN_FIELDS = ["employee", "is_reassigned", "is_placed"]


def put_on(callback: Callback, day: date) -> None:
    """Place the callback on ``day`` by a person's decision; not saved."""
    callback.due_on = day
    callback.window_end = max(callback.window_end, day)
    callback.is_placed = True
    callback.over_capacity = False
    callback.rests_until = None


def give(callback: Callback, to: Employee) -> None:
    """Give the callback to ``to`` by a person's decision; not saved."""
    callback.employee = to
    callback.is_reassigned = to.pk != callback.client.manager_id
    callback.is_placed = True


def same_time(starts_at: datetime, day: date) -> datetime:
    """The same time of day in the installation's time zone, on ``day``."""
    time = timezone.localtime(starts_at).time()
    return timezone.make_aware(datetime.combine(day, time))


def receivers(callback: Callback) -> QuerySet[Employee]:
    """Employees who may be given this callback: those who see the client and may serve clients.

    The serving manager, who stands in for them today, and the heads above the client's branch.
    """
    client = callback.client
    standing_in = Q(covers__contains=[client.manager_id], covers_until__gte=timezone.localdate())
    above = client.branch.ancestor_ids
    heads = Q(role__in=HEADS, branch__in=above)
    near = Q(pk=client.manager_id) | heads
    if client.manager_id is not None:
        near |= standing_in
    rows = Employee.objects.filter(near, is_active=True, role__in=OWNERS)
    return rows.exclude(pk=callback.employee_id or 0).order_by("full_name", "pk")


@transaction.atomic
def reassign(*, callback: Callback, to: Employee, reason: str, by: Employee) -> Callback:
    """Reassign an open callback, with a reason; assigning it to the manager ends a reassignment.

    Raises ValidationError where ``to`` may not see the client or serve clients.
    """
    reason = clean_reason(reason)
    client = Client.objects.select_for_update(of=("self",)).get(pk=callback.client_id)
    callback = locked_open(callback)
    sees = Callback.objects.editable_by(to).filter(pk=callback.pk)
    if callback.kind == Callback.Kind.COMPLIANCE or not (to.may_own_clients and sees.exists()):
        sentence = _("%(name)s may not see this client: choose somebody else.")
        raise ValidationError({"to": sentence % {"name": to}})
    if to.pk == callback.employee_id:
        raise ValidationError({"to": _("%(name)s has it already.") % {"name": to}})
    before = callback.employee
    callback.client = client
    give(callback, to)
    callback.save(update_fields=GIVEN_FIELDS)
    action = CallbackChange.Action.REASSIGNED
    change = note_change(callback, action, before=callback.due_on, reason=reason, by=by)
    invitations.announce(callback, withdrawn_from=before)
    tell([change])
    return callback


def tell(changes: Iterable[CallbackChange]) -> None:
    """Notify employees who were given a callback by somebody else."""
    lines = [
        Line(
            change.callback.employee_id,
            f"callback_given:{change.pk}",
            {"name": change.employee.full_name},
            change.callback.get_absolute_url(),
        )
        for change in changes
        if change.callback.employee_id not in {None, change.employee_id}
    ]
    if lines:
        notify(GIVEN, lines)


# Whoever may no longer see the client cannot act: the callback goes back to who serves them.
_TAKE_BACK = f"""
UPDATE visits_callback k SET is_reassigned = false, employee_id = c.manager_id
FROM clients_client c, staff_employee e
WHERE k.is_reassigned AND k.status IN ('open', 'merged') AND c.id = k.client_id
  AND e.id = k.employee_id AND NOT {changed_sql(today="%(today)s")}
"""  # noqa: S608 - of our own parts


@system_work()
def take_back() -> int:
    """Return reassigned callbacks whose receiver may no longer see the client; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK, {"today": trading_days.today()})
        return int(cursor.rowcount)
