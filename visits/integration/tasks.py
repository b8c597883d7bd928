"""Background work that spans the packages of visits: the nightly work in its order."""

from celery import shared_task

from visits.integration.nightly import start_planning
from visits.planning.tasks import plan_segment


@shared_task
def tick_planning() -> None:
    """Every minute: start tonight's planning of segments."""
    for segment_id, day in start_planning():
        plan_segment.delay(segment_id, day.isoformat())
