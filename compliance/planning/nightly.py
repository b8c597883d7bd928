"""The nightly run: the year's end frozen, return visits planned, their visitors told."""

from __future__ import annotations

from datetime import time

from django.db import transaction

from compliance.planning import planner
from crm import trading_days
from crm.nightly import claim

# After the planning of callbacks has begun, before anybody works.
NIGHTLY_AT = time(3, 15)
NAME = "return_visits"


@transaction.atomic
def run() -> planner.Counts | None:
    """This night's run, if it is due and nobody did it; a run that fails is taken up again."""
    if not claim(NAME, NIGHTLY_AT):
        return None
    day = trading_days.today()
    planner.freeze_when_due(day)
    counts = planner.plan(day)
    if trading_days.is_trading_day(day):
        planner.tell(day)
    return counts
