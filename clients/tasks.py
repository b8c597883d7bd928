"""What workers do for clients: classification, and clearing files of imports and exports."""

from __future__ import annotations

from celery import shared_task

from clients import classification, exports, imports


@shared_task
def tick_classification() -> None:
    """Classify the firm once a night; the first tick after the hour does it."""
    classification.classify_nightly()


@shared_task
def classify_firm() -> None:
    """Classify the firm now; a rule was changed."""
    classification.classify()


@shared_task
def clear_transfers() -> None:
    """Every minute: files of imports and exports are not kept beyond their time."""
    imports.clear_files()
    exports.clear_files()
