"""How a segment is contacted, changed by a head: plans in rows, in force from today."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction

from clients.models import Segment
from crm import trading_days
from visits.models import CallbackPlan
from visits.planning.tasks import plan_segment

PLAN_COLUMNS = (
    "every",
    "unit",
    "shift",
    "window_days",
    "channel",
    "script",
    "remind_at",
    "remind_leads",
    "daily_capacity",
)


@transaction.atomic
def change_plan(*, segment: Segment, values: dict[str, Any]) -> CallbackPlan:
    """Put a plan in force from today, and have the segment planned after commit.

    A plan that began today is changed in place; an older one ends today and stays on record.
    Unchanged values change nothing.
    """
    Segment.objects.select_for_update(of=("self",)).get(pk=segment.pk)
    day = trading_days.today()
    plan = CallbackPlan.objects.filter(segment=segment, valid_to=None).first()
    if plan is not None and all(getattr(plan, name) == value for name, value in values.items()):
        return plan
    if plan is not None and plan.valid_from < day:
        plan.valid_to = day
        plan.save(update_fields=["valid_to"])
        plan = None
    if plan is None:
        plan = CallbackPlan(segment=segment, valid_from=day)
    for name, value in values.items():
        setattr(plan, name, value)
    plan.full_clean()
    plan.save()
    transaction.on_commit(partial(plan_segment.delay, segment.pk, day.isoformat()))
    return plan
