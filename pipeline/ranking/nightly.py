"""The ranking's night: rates and scores each night, learning every few nights."""

from __future__ import annotations

from datetime import time, timedelta

from django.db import transaction

from crm.nightly import claim
from crm.trading_days import today
from pipeline.models import RankingModel
from pipeline.ranking import scoring, training
from pipeline.ranking.policies import TRAINING_DAYS
from staff.policies import number

# After classification and planning, before anybody works.
TRAINING_AT, SCORING_AT = time(3, 30), time(3, 40)


@transaction.atomic
def train_when_due() -> RankingModel | None:
    """Run tonight's training if one is due and not done yet."""
    if not claim("ranking_training", TRAINING_AT):
        return None
    day = today()
    days = number(TRAINING_DAYS, on=day)
    last = RankingModel.objects.order_by("-version").first()
    if last is not None and day < last.trained_on + timedelta(days=int(days)):
        return None
    return training.train(day)


@transaction.atomic
def score_when_due() -> int | None:
    """Compute tonight's rates and scores if not done yet; a failed run is repeated."""
    if not claim("ranking_scores", SCORING_AT):
        return None
    return scoring.refresh()
