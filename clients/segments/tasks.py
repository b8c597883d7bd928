"""Background work of segments: who belongs to which."""

from celery import shared_task

from clients.segments import classification


@shared_task
def tick_classification() -> None:
    """Classify the firm once a night; the first tick after the hour does it."""
    classification.classify_nightly()


@shared_task
def classify_firm() -> None:
    """Classify the firm now; a rule was changed."""
    classification.classify()
