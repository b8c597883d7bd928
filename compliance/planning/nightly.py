"""The nightly run: the year's end frozen, return visits planned, their visitors told."""

from __future__ import annotations

from datetime import time

from django.db import transaction

from compliance.planning import planner as planning
from crm import trading_days
from crm.nightly import claim

# After the planning of callbacks has begun, before anybody works.
NIGHTLY_AT = time(3, 15)
NAME = "return_visits"


@transaction.atomic
def run() -> planning.Counts | None:
    """This night's run, if it is due and nobody did it; a run that fails is taken up again."""
    if not claim(NAME, NIGHTLY_AT):
        return None
    day = trading_days.today()
    planning.freeze_when_due(day)
    counts = planning.plan(day)
    if trading_days.is_trading_day(day):
        planning.tell(day)
    return counts
