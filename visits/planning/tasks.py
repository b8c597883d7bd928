"""Background work of planning. The rows of the runs decide what is due, not these."""

from __future__ import annotations

from datetime import date

from celery import shared_task

from visits.planning import nightly


@shared_task
def plan_segment(segment_id: int, day: str) -> None:
    """Plan one segment for a business date."""
    nightly.plan(segment_id=segment_id, day=date.fromisoformat(day))


@shared_task
def sweep_planning() -> None:
    """Every minute: hand out again the runs that a dead worker left."""
    for segment_id, day in nightly.stale_runs():
        plan_segment.delay(segment_id, day.isoformat())
