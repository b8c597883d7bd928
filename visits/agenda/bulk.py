"""Decisions on several callbacks at once, for all of them or for none.

The rules are those of one callback (visits/agenda/reschedule.py, visits/contacts/services.py); the
statements are the same number however many there are.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client
from crm import trading_days
from crm.reasons import clean_reason
from staff.models import HEADS, OWNERS, Employee
from visits.agenda import reschedule
from visits.agenda.appointments import check_time
from visits.contacts import invitations, snooze_limits
from visits.models import Callback, CallbackChange
from visits.planning.planner import plan_callbacks

# So many at once: more than a page of the list has.
MOST = 100
Action = CallbackChange.Action


def _locked(keys: Collection[int], by: Employee) -> list[Callback]:
    """The callbacks, open and of clients whom ``by`` may change. Raises ValidationError otherwise."""
    if not keys:
        raise ValidationError(_("Choose at least one callback."))
    if len(keys) > MOST:
        raise ValidationError(_("At most %(most)s callbacks at once.") % {"most": MOST})
    rows = Callback.objects.editable_by(by).filter(pk__in=keys, status=Callback.Status.OPEN)
    owners = (
        Client.objects.editable_by(by)
        .filter(pk__in=rows.order_by().values("client"))
        .order_by("pk")
    )
    _held = list(owners.select_for_update(of=("self",)).values_list("pk", flat=True))
    found = rows.select_related("client__branch", "plan", "employee").order_by("due_on", "pk")
    locked = list(found.select_for_update(of=("self",)))
    if len(locked) < len(set(keys)):
        raise ValidationError(
            _(
                "Some of them are no longer open or no longer yours: nothing was changed. Reload the list."
            )
        )
    return locked


def _note(
    rows: list[Callback], action: str, before: dict[int, date], reason: str, by: Employee
) -> list[CallbackChange]:
    cancelled = action == Action.CANCELLED
    return CallbackChange.objects.bulk_create(
        [
            CallbackChange(
                callback=row,
                action=action,
                old_due_on=before[row.pk],
                new_due_on=None if cancelled else row.due_on,
                reason=reason,
                employee=by,
            )
            for row in rows
        ]
    )


def _days(rows: list[Callback]) -> dict[int, date]:
    return {row.pk: row.due_on for row in rows}


@transaction.atomic
def move(*, callbacks: Collection[int], day: date, reason: str, by: Employee) -> int:
    """Put them on a day, or on the next trading day; appointments keep their time. How many moved.

    Raises ValidationError where the day is out of reach for one of them, which it names.
    """
    reason = clean_reason(reason)
    rows = _locked(callbacks, by)
    reschedule.check_day(day)
    trading = trading_days.on_or_after(day)
    days = {row.pk: trading if row.starts_at is None else day for row in rows}
    rows = [row for row in rows if row.due_on != days[row.pk]]
    before = _days(rows)
    limits = snooze_limits.check_many(rows, days, by)
    refused = [row for row in rows if row.pk in limits]
    if refused:
        names = "、".join(row.client.name for row in refused[:5])
        sentence = _("%(reason)s Nothing was moved; this is so for %(n)s: %(names)s.")
        figures = {"reason": limits[refused[0].pk], "n": len(refused), "names": names}
        raise ValidationError({"day": sentence % figures})
    for row in rows:
        if row.starts_at is not None:
            row.starts_at = reschedule.same_time(row.starts_at, day)
            check_time(row.starts_at, row.minutes or 0)
        reschedule.put_on(row, days[row.pk])
    Callback.objects.bulk_update(rows, reschedule.PLACED)
    _note(rows, Action.MOVED, before, reason, by)
    for row in rows:
        invitations.announce(row)
    plan_callbacks(clients=[row.client_id for row in rows])
    return len(rows)


def receivers(rows: Collection[Callback]) -> QuerySet[Employee]:
    """Employees who may be given all of these: see ``reschedule.receivers``."""
    managers = {row.client.manager_id for row in rows}
    above = set.intersection(*(set(row.client.branch.ancestor_ids) for row in rows))
    near = Q(role__in=HEADS, branch__in=above)
    if None not in managers:
        near |= Q(covers__contains=sorted(managers), covers_until__gte=timezone.localdate())
        if len(managers) == 1:
            near |= Q(pk__in=managers)
    people = Employee.objects.filter(near, is_active=True, role__in=OWNERS)
    return people.order_by("full_name", "pk")


@transaction.atomic
def reassign(*, callbacks: Collection[int], to: Employee, reason: str, by: Employee) -> int:
    """Give them to ``to``; those that ``to`` has already stay. How many were given.

    Raises ValidationError where ``to`` may not act on one of them.
    """
    reason = clean_reason(reason)
    rows = _locked(callbacks, by)
    acts = Callback.objects.editable_by(to).filter(pk__in=[row.pk for row in rows]).count()
    compliance = any(row.kind == Callback.Kind.COMPLIANCE for row in rows)
    if compliance or not to.may_own_clients or acts < len(rows):
        sentence = _("%(name)s may not see all of these clients: choose somebody else.")
        raise ValidationError({"to": sentence % {"name": to}})
    rows = [row for row in rows if row.employee_id != to.pk]
    had = {row.pk: row.employee for row in rows}
    for row in rows:
        reschedule.give(row, to)
    Callback.objects.bulk_update(rows, reschedule.GIVEN_FIELDS)
    changes = _note(rows, Action.REASSIGNED, _days(rows), reason, by)
    for row in rows:
        invitations.announce(row, withdrawn_from=had[row.pk])
    reschedule.tell(changes)
    return len(rows)


@transaction.atomic
def cancel(*, callbacks: Collection[int], reason: str, by: Employee) -> int:
    """Cancel them for good; the cadence of each client continues with the next one. How many."""
    reason = clean_reason(reason)
    rows = _locked(callbacks, by)
    Callback.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=Callback.Status.CANCELLED, cancelled_because=Callback.Cancelled.PERSON
    )
    _note(rows, Action.CANCELLED, _days(rows), reason, by)
    for row in rows:
        invitations.announce(row)
    plan_callbacks(clients=[row.client_id for row in rows])
    return len(rows)
