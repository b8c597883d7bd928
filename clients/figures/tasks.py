"""Background work of figures: what is derived from them."""

from celery import shared_task

from clients.figures import derive


@shared_task
def tick_figures() -> None:
    """Derive sizes, styles and activity from the figures once a night."""
    derive.derive_nightly()
