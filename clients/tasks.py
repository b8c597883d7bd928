"""What workers do for clients: nightly figures and classes, hand-overs, files cleared away."""

from __future__ import annotations

import logging

from celery import shared_task

from clients.exporting import services as exporting
from clients.figures import derive
from clients.handovers import services as handovers
from clients.importing import services as importing
from clients.segments import classification

log = logging.getLogger(__name__)


@shared_task
def tick_classification() -> None:
    """Classify the firm once a night; the first tick after the hour does it."""
    classification.classify_nightly()


@shared_task
def classify_firm() -> None:
    """Classify the firm now; a rule was changed."""
    classification.classify()


@shared_task
def run_hand_over(pk: int) -> None:
    """Do one hand-over."""
    handovers.run(pk)


@shared_task
def tick_hand_overs() -> None:
    """Every minute: what is approved and whose day has come; one that fails holds up no other.

    It is tried again, and given up after some tries.
    """
    for pk in handovers.due():
        try:
            handovers.run(pk)
        except Exception:
            log.exception("Hand-over %s failed", pk)
            handovers.failed(pk)


@shared_task
def tick_figures() -> None:
    """Derive sizes, styles and activity from the figures once a night."""
    derive.derive_nightly()


@shared_task
def clear_transfers() -> None:
    """Every minute: files of imports and exports are not kept beyond their time."""
    importing.clear_files()
    exporting.clear_files()
