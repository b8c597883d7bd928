"""Pages of visits and callbacks, one module per noun."""

from visits.views.calls import callback, correct, dial, household, record, timeline, visit
from visits.views.decisions import cancel, plan_callback, snooze
from visits.views.lists import callbacks, visits
from visits.views.occasions import occasions, void, why
from visits.views.plans import copy_script, edit_script, plan, plans, script, scripts
from visits.views.today import today

__all__ = [
    "callback",
    "callbacks",
    "cancel",
    "copy_script",
    "correct",
    "dial",
    "edit_script",
    "household",
    "occasions",
    "plan",
    "plan_callback",
    "plans",
    "record",
    "script",
    "scripts",
    "snooze",
    "timeline",
    "today",
    "visit",
    "visits",
    "void",
    "why",
]
