"""Writes of visits, callbacks, scripts and plans: the door that pages and rooms above use."""

from visits.agenda.appointments import book, change, conflicts
from visits.agenda.reschedule import Moved, move, reassign, receivers
from visits.contacts.callbacks import errors_of, next_callback, plan_of
from visits.contacts.corrections import correct_visit
from visits.contacts.services import cancel, create_manual, log_visit, proposed_step, snooze
from visits.planning.replan import replan

__all__ = [
    "Moved",
    "book",
    "cancel",
    "change",
    "conflicts",
    "correct_visit",
    "create_manual",
    "errors_of",
    "log_visit",
    "move",
    "next_callback",
    "plan_of",
    "proposed_step",
    "reassign",
    "receivers",
    "replan",
    "snooze",
]
