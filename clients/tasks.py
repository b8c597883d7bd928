"""Derivation and classification by workers: every night once, and after a rule was changed."""

from __future__ import annotations

from celery import shared_task

from clients import classification
from clients.figures import derive


@shared_task
def tick_classification() -> None:
    """Classify the firm once a night; the first tick after the hour does it."""
    classification.classify_nightly()


@shared_task
def classify_firm() -> None:
    """Classify the firm now; a rule was changed."""
    classification.classify()


@shared_task
def tick_figures() -> None:
    """Derive sizes, styles and activity from the figures once a night."""
    derive.derive_nightly()
