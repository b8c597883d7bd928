"""The nightly work of visits in order: old drafts and reassignments first, then planning."""

from __future__ import annotations

from datetime import date, datetime

from visits.agenda.reschedule import take_back
from visits.contacts import drafts
from visits.planning import nightly


def start_planning(now: datetime | None = None) -> list[tuple[int, date]]:
    """Segments to plan, and for which business date; each is given out once.

    The first call of a night also deletes old drafts, and returns reassigned callbacks whose
    receiver may no longer see the client: planning counts them for whoever makes the call.
    """
    runs = nightly.start_due_runs(now)
    if runs:
        drafts.delete_old(now)
        take_back()
    return runs
