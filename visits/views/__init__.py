"""Pages of visits and callbacks, one module per noun."""

from visits.agenda.appointment_views import appointment, book
from visits.agenda.calendar_views import calendar, move, reassign
from visits.agenda.day_sheet_views import day_sheet
from visits.agenda.ical_views import feed, feed_settings, invitation, mail_invitation
from visits.agenda.today_views import today
from visits.contacts.callback_views import cancel, plan_callback, snooze
from visits.contacts.draft_views import draft_of_callback, draft_of_client
from visits.contacts.views import callback, correct, dial, household, record, timeline, visit
from visits.lists.views import callbacks, visits
from visits.notifications.views import (
    addresses,
    deliveries,
    escalations,
    quiet_hours,
    remove_address,
    retry_delivery,
    switch_address,
    test_address,
)
from visits.planning.views import occasions, void, why
from visits.scripts.effectiveness_views import lessons, suggestion, suggestions
from visits.scripts.views import copy_script, edit_script, plan, plans, script, scripts

__all__ = [
    "addresses",
    "appointment",
    "book",
    "calendar",
    "callback",
    "callbacks",
    "cancel",
    "copy_script",
    "correct",
    "day_sheet",
    "deliveries",
    "dial",
    "draft_of_callback",
    "draft_of_client",
    "edit_script",
    "escalations",
    "feed",
    "feed_settings",
    "household",
    "invitation",
    "lessons",
    "mail_invitation",
    "move",
    "occasions",
    "plan",
    "plan_callback",
    "plans",
    "quiet_hours",
    "reassign",
    "record",
    "remove_address",
    "retry_delivery",
    "script",
    "scripts",
    "snooze",
    "suggestion",
    "suggestions",
    "switch_address",
    "test_address",
    "timeline",
    "today",
    "visit",
    "visits",
    "void",
    "why",
]
