"""Writes of visits, callbacks, scripts and plans: the door that pages and rooms above use."""

from visits.corrections import correct_visit
from visits.recording import (
    cancel,
    create_manual,
    errors_of,
    log_visit,
    next_callback,
    plan_of,
    proposed_step,
    replan,
    snooze,
)

__all__ = [
    "cancel",
    "correct_visit",
    "create_manual",
    "errors_of",
    "log_visit",
    "next_callback",
    "plan_of",
    "proposed_step",
    "replan",
    "snooze",
]
