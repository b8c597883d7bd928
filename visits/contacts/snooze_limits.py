"""How far a callback may be put off: by oneself, with a head's approval, and not at all.

Both are counted from the day on which it was put off first, so that it cannot be put off in small
steps for ever; a try to reach the client begins anew. What was agreed with the client, an
appointment, has no such limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
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
from visits.models import Callback, CallbackChange, Visit

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
    start = _counted_from(callback)
    last = start + timedelta(days=int(found[MOST_DAYS.key] or MOST_DAYS.default))
    if callback.hard_limit_on is not None:
        last = min(last, callback.hard_limit_on)
    plan = callback.plan or plan_of(callback.client)
    if plan is None or plan.every is None:
        return Limits(last, last)
    nth = int(found[CADENCES.key] or 0)
    unit = cast(Literal["day", "month"], plan.unit)
    free = cadence.due_date(start, plan.every, unit, nth) if nth else start
    return Limits(min(trading_days.on_or_after(free), last), last)


def _counted_from(callback: Callback) -> date:
    """The day from which it was put off first since the last try; else its day, at least today."""
    tried = Visit.objects.filter(callback=callback).aggregate(at=Max("created_at"))["at"]
    changes = CallbackChange.objects.filter(
        callback=callback, action__in=_PUT_OFF, new_due_on__gt=F("old_due_on")
    )
    if tried is not None:
        changes = changes.filter(at__gte=tried)
    first = changes.order_by("pk").first()
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
        sentence = gettext("It must be done by %(day)s: choose an earlier date.")
        raise ValidationError({field: sentence % {"day": limits.last.isoformat()}})
    if day > limits.free and not approved and not decides_alone(by, callback):
        sentence = gettext(
            "Beyond %(day)s the branch head has to agree: choose an earlier day, or ask by “Snooze”."
        )
        refusal = ValidationError(sentence % {"day": date_format(limits.free)}, code=ASKS)
        raise ValidationError({field: refusal})
