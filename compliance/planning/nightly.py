"""The nightly run: freeze the year's end, plan return visits, notify visitors."""

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
    """Do tonight's run if it is due and not done; a failed run is repeated."""
    if not claim(NAME, NIGHTLY_AT):
        return None
    day = trading_days.today()
    planner.freeze_when_due(day)
    counts = planner.plan(day)
    if trading_days.is_trading_day(day):
        planner.tell(day)
    return counts
