"""Writes of visits, callbacks, scripts and plans: the door that pages and rooms above use."""

from visits.appointments import book, change, conflicts
from visits.callbacks import errors_of, next_due_on, plan_of, replan
from visits.corrections import correct_visit
from visits.moving import Moved, move, reassign, receivers
from visits.recording import cancel, create_manual, log_visit, proposed_step, snooze

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
    "next_due_on",
    "plan_of",
    "proposed_step",
    "reassign",
    "receivers",
    "replan",
    "snooze",
]
