"""Background work of hand-overs: those that are approved and whose day has come."""

from __future__ import annotations

import logging

from celery import shared_task

from clients.handovers import services

log = logging.getLogger(__name__)


@shared_task
def run_hand_over(pk: int) -> None:
    """Do one hand-over."""
    services.run(pk)


@shared_task
def tick_hand_overs() -> None:
    """Every minute: what is approved and whose day has come; one that fails holds up no other.

    It is tried again, and given up after some tries.
    """
    for pk in services.due():
        try:
            services.run(pk)
        except Exception:
            log.exception("Hand-over %s failed", pk)
            services.failed(pk)
