"""Background work of the pipeline: ticks, the row decides."""

from celery import shared_task

from pipeline.retention import services as retention


@shared_task
def tick_retention() -> None:
    """Every minute: this night's purge of prospects past their retention, once."""
    retention.run_nightly()
