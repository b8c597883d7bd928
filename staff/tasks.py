"""What workers do for people: who stands in for whom today."""

from celery import shared_task

from staff import absences


@shared_task
def tick_absences() -> None:
    """Every minute: absences begin and end with the day."""
    absences.refresh_covers()
