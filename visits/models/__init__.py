"""Visits and callbacks: what happened, what is due, and how each segment is contacted."""

from visits.models.callback import BY_HAND, Callback, CallbackChange
from visits.models.delivery import DeliveryChannel, Digest, PlanningRun, Reminder, ReminderRun
from visits.models.draft import VisitDraft
from visits.models.endpoint import Endpoint, QuietHours
from visits.models.feed import CalendarFeed
from visits.models.phrase import BannedPhrase, PhraseFlag
from visits.models.plan import CallbackPlan
from visits.models.script import Script, ScriptStep, ScriptVersion
from visits.models.suggestion import SuggestionReply
from visits.models.trigger import Occasion, Trigger
from visits.models.visit import (
    AttractionStyle,
    Channel,
    DecisionRole,
    NextStep,
    Outcome,
    Purpose,
    QuestionStyle,
    Visit,
)

__all__ = [
    "BY_HAND",
    "AttractionStyle",
    "BannedPhrase",
    "CalendarFeed",
    "Callback",
    "CallbackChange",
    "CallbackPlan",
    "Channel",
    "DecisionRole",
    "DeliveryChannel",
    "Digest",
    "Endpoint",
    "NextStep",
    "Occasion",
    "Outcome",
    "PhraseFlag",
    "PlanningRun",
    "Purpose",
    "QuestionStyle",
    "QuietHours",
    "Reminder",
    "ReminderRun",
    "Script",
    "ScriptStep",
    "ScriptVersion",
    "SuggestionReply",
    "Trigger",
    "Visit",
    "VisitDraft",
]
