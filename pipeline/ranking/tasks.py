"""Background work of the ranking: every minute what changed, every night the rest."""

from celery import shared_task

from pipeline.ranking import nightly, scoring


@shared_task
def tick_ranking() -> None:
    """Every minute: this night's rates and scores, once; and what changed since it was scored."""
    nightly.score_when_due()
    scoring.score_changed()


@shared_task
def tick_ranking_training() -> None:
    """Every minute: start the training that is due; it runs in the worker."""
    nightly.train_when_due()
