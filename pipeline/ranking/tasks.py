"""Background work of the ranking: changed opportunities each minute, all each night."""

from celery import shared_task

from pipeline.ranking import nightly, scoring


@shared_task
def tick_ranking() -> None:
    """Every minute: tonight's rates and scores, once; scores of changed opportunities."""
    nightly.score_when_due()
    scoring.score_changed()


@shared_task
def tick_ranking_training() -> None:
    """Every minute: start the training that is due; it runs in the worker."""
    nightly.train_when_due()
