"""How far a callback may be put off: by oneself, with a head's approval, and not at all.

Both are counted from the day on which it was put off first, so that it cannot be put off in small
steps for ever; a try to reach the client begins anew. What was agreed with the client, an
appointment, has no such limits.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, cast

from django.core.exceptions import ValidationError
from django.db.models import F, Max, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm import trading_days
from crm.policies import PolicyDefinition
from staff import policies
from staff.models import HEADS, Employee
from visits import cadence
from visits.contacts.callbacks import plan_of
from visits.models import Callback, CallbackChange, CallbackPlan, Visit

CADENCES = PolicyDefinition(
    key="snooze_cadences",
    type="integer",
    unit="cadences",
    default=1,
    meaning=_("Cadences of the segment by which a callback is put off without approval"),
    bounds=(0, 12),
)
MOST_DAYS = PolicyDefinition(
    key="snooze_most_days",
    type="integer",
    unit="days",
    default=180,
    meaning=_("Days beyond which nobody may put off a callback"),
    bounds=(1, 366),
)
POLICIES = (CADENCES, MOST_DAYS)
# The code of a refusal that a head may lift.
ASKS = "asks"
_PUT_OFF = (CallbackChange.Action.SNOOZED, CallbackChange.Action.MOVED)


@dataclass(frozen=True)
class Limits:
    """``free``: the last day that one chooses by oneself; ``last``: the last day at all."""

    free: date
    last: date


def limits_of(callback: Callback) -> Limits | None:
    """The limits in force today, by the nearest branch's rows; ``None`` for an appointment.

    A client whose segment has no cadence is put off by oneself up to the last day.
    """
    if callback.kind == Callback.Kind.APPOINTMENT:
        return None
    branch = callback.client.branch
    found = policies.numbers(POLICIES, on=trading_days.today(), branch=branch)
    plan = callback.plan or plan_of(callback.client)
    return _limits(callback, found, _counted_from(callback), plan)


def _limits(
    callback: Callback,
    found: Mapping[str, Decimal | None],
    start: date,
    plan: CallbackPlan | None,
    on_or_after: Callable[[date], date] = trading_days.on_or_after,
) -> Limits:
    last = start + timedelta(days=int(found[MOST_DAYS.key] or MOST_DAYS.default))
    if callback.hard_limit_on is not None:
        last = min(last, callback.hard_limit_on)
    if plan is None or plan.every is None:
        return Limits(last, last)
    nth = int(found[CADENCES.key] or 0)
    unit = cast(Literal["day", "month"], plan.unit)
    free = cadence.due_date(start, plan.every, unit, nth) if nth else start
    return Limits(min(on_or_after(min(free, last)), last), last)


def _counted_from(callback: Callback) -> date:
    """The day from which it was put off first since the last try; else its day, at least today."""
    tried = Visit.objects.filter(callback=callback).aggregate(at=Max("created_at"))["at"]
    changes = CallbackChange.objects.filter(
        callback=callback, action__in=_PUT_OFF, new_due_on__gt=F("old_due_on")
    )
    if tried is not None:
        changes = changes.filter(at__gte=tried)
    return _counted(callback, changes.order_by("pk").first())


def _counted(callback: Callback, first: CallbackChange | None) -> date:
    if first is None or first.old_due_on is None:
        return max(callback.due_on, trading_days.today())
    return max(first.old_due_on, timezone.localdate(first.at))


def decides_alone(by: Employee, callback: Callback) -> bool:
    """Whether ``by`` needs nobody's approval: a head of the client, about the work of others.

    Nor does a head about the own work, where no other head is above the client.
    """
    if by.role not in HEADS or by.branch_id not in callback.client.branch.ancestor_ids:
        return False
    return by.pk != callback.employee_id or not approvers(callback, by).exists()


def approvers(callback: Callback, asker: Employee) -> QuerySet[Employee]:
    """Heads above the client's branch, without who asks and whose call it is."""
    above = callback.client.branch.ancestor_ids
    rows = Employee.objects.filter(is_active=True, role__in=HEADS, branch__in=above)
    return rows.exclude(pk__in=[asker.pk, callback.employee_id or asker.pk])


def check(
    callback: Callback, day: date, by: Employee, *, field: str, approved: bool = False
) -> None:
    """Refuse a day beyond the limits, on ``field`` of the form.

    ``approved``: somebody who may has agreed, so that the last day alone counts. A callback that
    comes earlier, or stays, is not put off. Raises ValidationError.
    """
    limits = limits_of(callback) if day > callback.due_on else None
    if limits is None:
        return
    if day > limits.last:
        raise ValidationError({field: _beyond_last(limits)})
    if day > limits.free and not approved and not decides_alone(by, callback):
        raise ValidationError({field: ValidationError(_beyond_free(limits), code=ASKS)})


def _beyond_last(limits: Limits) -> str:
    sentence = gettext("It must be done by %(day)s: choose an earlier date.")
    return sentence % {"day": limits.last.isoformat()}


def _beyond_free(limits: Limits) -> str:
    sentence = gettext(
        "Beyond %(day)s the branch head has to agree: choose an earlier day, or ask by “Snooze”."
    )
    return sentence % {"day": date_format(limits.free)}


def check_many(
    callbacks: Collection[Callback], days: Mapping[int, date], by: Employee
) -> dict[int, str]:
    """Why one of these may not be put off to its day, as a sentence by its key; see ``check``.

    A hard limit holds for what comes earlier, too. Read with client, branch and plan, the
    callbacks take as many statements however many they are.
    """
    refused, alone = {}, {}
    limits = _limits_of_many([row for row in callbacks if days[row.pk] > row.due_on])
    for row in callbacks:
        day, known = days[row.pk], limits.get(row.pk)
        if row.hard_limit_on is not None and day > row.hard_limit_on:
            refused[row.pk] = _beyond_last(Limits(row.hard_limit_on, row.hard_limit_on))
        elif known is not None and day > known.last:
            refused[row.pk] = _beyond_last(known)
        elif known is not None and day > known.free:
            place = (row.client.branch_id, row.employee_id)
            if place not in alone:
                alone[place] = decides_alone(by, row)
            if not alone[place]:
                refused[row.pk] = _beyond_free(known)
    return refused


def _limits_of_many(callbacks: Collection[Callback]) -> dict[int, Limits]:
    """The limits of each, by its key; none for appointments."""
    rows = [row for row in callbacks if row.kind != Callback.Kind.APPOINTMENT]
    today = trading_days.today()
    by_path = policies.by_path(POLICIES, on=today)
    plans: dict[int, CallbackPlan] = {}
    for plan in CallbackPlan.objects.valid_on(today).order_by("valid_from"):
        plans[plan.segment_id] = plan
    tried = dict(
        Visit.objects.filter(callback__in=rows)
        .order_by()
        .values_list("callback")
        .annotate(at=Max("created_at"))
    )
    first: dict[int, CallbackChange] = {}
    changes = CallbackChange.objects.filter(
        callback__in=rows, action__in=_PUT_OFF, new_due_on__gt=F("old_due_on")
    )
    for change in changes.order_by("pk"):
        if change.callback_id not in tried or change.at >= tried[change.callback_id]:
            first.setdefault(change.callback_id, change)
    starts = {row.pk: _counted(row, first.get(row.pk)) for row in rows}
    trading = _trading(starts.values())
    found = {}
    for row in rows:
        numbers = {
            policy.key: policies.nearest_of(by_path[policy.key], row.client.branch)
            for policy in POLICIES
        }
        plan_of_row = row.plan or plans.get(row.client.segment_id)
        found[row.pk] = _limits(row, numbers, starts[row.pk], plan_of_row, trading)
    return found


def _trading(starts: Collection[date]) -> Callable[[date], date]:
    """``trading_days.on_or_after`` for the days within reach of ``starts``, read at once."""
    assert MOST_DAYS.bounds is not None  # noqa: S101 - declared above
    # No holiday is as long as a month.
    reach = timedelta(days=MOST_DAYS.bounds[1] + 31)
    days = trading_days.between(min(starts), max(starts) + reach) if starts else []

    def on_or_after(day: date) -> date:
        return days[bisect_left(days, day)]

    return on_or_after
