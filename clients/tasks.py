"""What workers do for clients: nightly figures and classes, hand-overs, files cleared away."""

from __future__ import annotations

import logging

from celery import shared_task

from clients.exporting import services as exports
from clients.figures import derive
from clients.handovers import services as hand_overs
from clients.importing import services as imports
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
    hand_overs.run(pk)


@shared_task
def tick_hand_overs() -> None:
    """Every minute: what is approved and whose day has come; one that fails holds up no other.

    It is tried again, and given up after some tries.
    """
    for pk in hand_overs.due():
        try:
            hand_overs.run(pk)
        except Exception:
            log.exception("Hand-over %s failed", pk)
            hand_overs.failed(pk)


@shared_task
def tick_figures() -> None:
    """Derive sizes, styles and activity from the figures once a night."""
    derive.derive_nightly()


@shared_task
def clear_transfers() -> None:
    """Every minute: files of imports and exports are not kept beyond their time."""
    imports.clear_files()
    exports.clear_files()
