"""Pages of visits and callbacks, one module per noun."""

from visits.views.calls import callback, correct, dial, record, timeline, visit
from visits.views.decisions import cancel, plan_callback, snooze
from visits.views.lists import callbacks, visits
from visits.views.today import today

__all__ = [
    "callback",
    "callbacks",
    "cancel",
    "correct",
    "dial",
    "plan_callback",
    "record",
    "snooze",
    "timeline",
    "today",
    "visit",
    "visits",
]
