"""Background work of return visits: one tick, the row decides."""

from celery import shared_task

from compliance.planning import nightly


@shared_task
def tick() -> None:
    """Every minute: this night's run, once."""
    nightly.run()
