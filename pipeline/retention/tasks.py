"""Background work of retention."""

from celery import shared_task

from pipeline.retention import services


@shared_task
def tick_retention() -> None:
    """Every minute: this night's purge of prospects past their retention, once."""
    services.run_nightly()
