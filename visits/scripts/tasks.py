"""Background work of scripts: what is counted once a day."""

from celery import shared_task

from crm import trading_days
from visits.scripts import talking_points


@shared_task
def count_talking_points() -> None:
    """Every minute: the day's first one counts what led on, so that no call screen waits for it."""
    talking_points.counts(trading_days.today())
