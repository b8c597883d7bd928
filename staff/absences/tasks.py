"""What workers do for absences: who stands in for whom today."""

from celery import shared_task

from staff.absences import services


@shared_task
def tick_absences() -> None:
    """Every minute: absences begin and end with the day."""
    services.refresh_covers()
