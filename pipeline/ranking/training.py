"""Learning from the firm's own outcomes: tried on later ones first, used only where it is better.

In a worker, never in a request. Each training is kept as a row (``RankingModel``), whatever came
of it, so that the page can say why the simple rates stay.
"""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from crm.trading_days import today
from pipeline.models import Opportunity, RankingModel, Stage
from pipeline.ranking import features, learning
from pipeline.ranking.policies import MIN_EACH, MIN_OUTCOMES, PRIOR_STRENGTH
from staff.policies import number

if TYPE_CHECKING:
    from pipeline.ranking.learning import Outcomes

Verdict = RankingModel.Verdict
# Fewer later blocks than this are no test.
_BLOCKS = 3


@transaction.atomic
def train(on: date | None = None) -> RankingModel:
    """Train a model, compare it with the simple rates on later outcomes, and save the result."""
    started = time.perf_counter()
    day = on or today()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ranking_training'))")
    last = RankingModel.objects.order_by("-version").first()
    out = features.barred(day)
    ended = Opportunity.objects.exclude(state=Stage.Kind.OPEN)
    made = RankingModel(
        version=last.version + 1 if last else 1,
        trained_on=day,
        outcomes=ended.count(),
        won=ended.filter(state=Stage.Kind.WON).count(),
        excluded=sorted(out),
    )
    made.verdict = _refusal(made, day)
    if not made.verdict:
        _learn(made, features.allowed(out), float(number(PRIOR_STRENGTH, on=day)))
    made.seconds = round(time.perf_counter() - started, 2)
    made.save()
    return made


def _refusal(made: RankingModel, day: date) -> str:
    """Why nothing can be learnt; '' where there is enough."""
    lost = made.outcomes - made.won
    if made.outcomes < number(MIN_OUTCOMES, on=day):
        return Verdict.TOO_FEW
    if not made.won or not lost:
        return Verdict.ONE_CLASS
    if min(made.won, lost) < number(MIN_EACH, on=day):
        return Verdict.TOO_FEW
    return ""


def _learn(made: RankingModel, chosen: tuple[features.Feature, ...], strength: float) -> None:
    from pipeline.ranking import scorecard

    read = learning.read(chosen)
    made.rows = len(read.won)
    made.features = [feature.name for feature in chosen]
    card, made.metrics = compared(read, strength)
    made.verdict = Verdict.NOT_BETTER
    if card is None:
        made.verdict = Verdict.TOO_FEW
        return
    learnt, simple = made.metrics["learnt"], made.metrics["rates"]
    better = learnt["auc_mean"] > simple["auc_mean"] and learnt["log_loss"] < simple["log_loss"]
    made.verdict = Verdict.USED if better else Verdict.NOT_BETTER
    made.card = scorecard.calibrated(scorecard.fit(read.table, read.won, [learning.LATEST]), *card)


def compared(read: Outcomes, strength: float) -> tuple[Any, dict[str, Any]]:
    """How both ways did on later outcomes, and the shift and stretch that fit the learnt one.

    Nothing where there are too few later blocks with both outcomes to tell.
    """
    import numpy as np

    from pipeline.ranking import evaluation

    methods = {
        "learnt": evaluation.learnt(learning.LATEST),
        "rates": evaluation.simple(["stage", "prospect_type"], max(strength, 1.0)),
    }
    predictions, blocks = evaluation.in_time(read.table, read.won, read.asked, read.known, methods)
    if len(blocks) < _BLOCKS:
        return None, {}
    won = read.won[np.concatenate(blocks)]
    raw = predictions["learnt"]
    predictions["learnt"] = evaluation.recalibrated(raw, won, blocks)
    metrics: dict[str, Any] = {
        name: evaluation.measures(rows, won, blocks) for name, rows in predictions.items()
    }
    metrics["rows_later"] = len(won)
    metrics["calibration"] = evaluation.calibration(predictions["learnt"], won)
    metrics["lift"] = evaluation.lift(predictions["learnt"], won)
    metrics["lift_rates"] = evaluation.lift(predictions["rates"], won)
    return evaluation.platt(raw, won), metrics
