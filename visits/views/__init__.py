"""Pages of visits and callbacks, one module per noun."""

from visits.views.calls import callback, correct, dial, household, record, timeline, visit
from visits.views.decisions import cancel, plan_callback, snooze
from visits.views.delivery import (
    addresses,
    deliveries,
    escalations,
    quiet_hours,
    remove_address,
    retry_delivery,
    switch_address,
    test_address,
)
from visits.views.lists import callbacks, visits
from visits.views.occasions import occasions, void, why
from visits.views.plans import copy_script, edit_script, plan, plans, script, scripts
from visits.views.today import today

__all__ = [
    "addresses",
    "callback",
    "callbacks",
    "cancel",
    "copy_script",
    "correct",
    "deliveries",
    "dial",
    "edit_script",
    "escalations",
    "household",
    "occasions",
    "plan",
    "plan_callback",
    "plans",
    "quiet_hours",
    "record",
    "remove_address",
    "retry_delivery",
    "script",
    "scripts",
    "snooze",
    "switch_address",
    "test_address",
    "timeline",
    "today",
    "visit",
    "visits",
    "void",
    "why",
]
