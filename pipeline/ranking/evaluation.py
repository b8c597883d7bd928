"""Evaluation of the ranking: trained on past outcomes, tested on later ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipeline.ranking import scorecard

if TYPE_CHECKING:
    from pipeline.ranking.scorecard import Column, Table

BLOCKS, FIRST = 10, 2
# The share of yes among so many of the latest outcomes: how the market is, without a calendar.
LATEST = 200
# Learns from these rows of the table and gives the probability of those: (table, won, from, to).
Method = Callable[["Table", "Column", "Column", "Column"], "Column"]


def taken(table: Table, rows: Column) -> Table:
    """These rows of every column."""
    return {name: values[rows] for name, values in table.items()}


def learnt(*lines: str) -> Method:
    """The scorecard."""

    def method(table: Table, won: Column, past: Column, later: Column) -> Column:
        card = scorecard.fit(taken(table, past), won[past], lines)
        return scorecard.predict(card, taken(table, later))

    return method


def simple(columns: list[str], strength: float) -> Method:
    """Rates of the first column, and of each further one within it, shrunk step by step."""

    def method(table: Table, won: Column, past: Column, later: Column) -> Column:
        import numpy as np

        start = (won[past].sum() + 1) / (len(past) + 2)
        rates = np.full(len(later), start)
        before = np.full(len(past), start)
        keys_past = np.full(len(past), "", dtype=object)
        keys_later = np.full(len(later), "", dtype=object)
        for name in columns:
            keys_past = keys_past + "\0" + table[name][past].astype(str).astype(object)
            keys_later = keys_later + "\0" + table[name][later].astype(str).astype(object)
            kept: dict[str, float] = {}
            for key in set(keys_past):
                of_key = keys_past == key
                prior = before[of_key][0]
                kept[key] = (won[past][of_key].sum() + strength * prior) / (of_key.sum() + strength)
            before = np.array([kept[key] for key in keys_past])
            rates = np.array(
                [kept.get(key, rate) for key, rate in zip(keys_later, rates, strict=True)]
            )
        return rates

    return method


def in_time(
    table: Table, won: Column, asked: Column, known: Column, methods: dict[str, Method]
) -> tuple[dict[str, Column], list[Column]]:
    """Predictions of each method for the rows of each later block, and the rows of the blocks.

    A block is a stretch of ``asked`` (when the row was looked at); learnt is from rows whose
    outcome was ``known`` before the block began. A block without both outcomes on both sides is
    left out.
    """
    import numpy as np

    edges = np.quantile(asked, np.linspace(0, 1, BLOCKS + 1), method="nearest")
    predictions: dict[str, list[Column]] = {name: [] for name in methods}
    blocks: list[Column] = []
    for place in range(FIRST, BLOCKS):
        begins, ends = edges[place], edges[place + 1]
        last = place == BLOCKS - 1
        inside = (asked >= begins) & ((asked <= ends) if last else (asked < ends))
        later, past = np.flatnonzero(inside), np.flatnonzero(known < begins)
        if not _both(won[later]) or not _both(won[past]):
            continue
        blocks.append(later)
        for name, method in methods.items():
            predictions[name].append(method(table, won, past, later))
    return {name: _joined(rows) for name, rows in predictions.items()}, blocks


def _both(won: Column) -> bool:
    return bool(len(won)) and 0 < won.sum() < len(won)


def _joined(rows: list[Column]) -> Column:
    import numpy as np

    return np.concatenate(rows) if rows else np.array([])


def measures(predicted: Column, won: Column, blocks: list[Column]) -> dict[str, Any]:
    """AUC over all and by block, log loss; ``predicted`` and ``won`` in the order of the blocks."""
    import numpy as np
    from sklearn.metrics import log_loss, roc_auc_score

    by_block, place = [], 0
    for rows in blocks:
        part = slice(place, place + len(rows))
        by_block.append(float(roc_auc_score(won[part], predicted[part])))
        place += len(rows)
    return {
        "auc": round(float(roc_auc_score(won, predicted)), 4),
        "auc_mean": round(float(np.mean(by_block)), 4),
        "auc_spread": round(float(np.std(by_block)), 4),
        "auc_blocks": [round(value, 4) for value in by_block],
        "log_loss": round(float(log_loss(won, np.clip(predicted, 1e-6, 1 - 1e-6))), 4),
    }


def lift(predicted: Column, won: Column) -> list[dict[str, float]]:
    """Shares of won opportunities in the best tenth, the best two tenths and so on."""
    import numpy as np

    order = np.argsort(-predicted, kind="stable")
    reached = np.cumsum(won[order]) / max(won.sum(), 1)
    places = [max(round(len(won) * tenth / 10), 1) for tenth in range(1, 11)]
    return [
        {"share": tenth * 10, "reached": round(100 * float(reached[place - 1]), 1)}
        for tenth, place in enumerate(places, 1)
    ]


def calibration(predicted: Column, won: Column) -> list[dict[str, float]]:
    """Predicted and actual shares won, by deciles of the prediction."""
    import numpy as np

    order = np.argsort(predicted, kind="stable")
    return [
        {
            "count": len(rows),
            "predicted": round(100 * float(predicted[rows].mean()), 1),
            "came": round(100 * float(won[rows].mean()), 1),
        }
        for rows in np.array_split(order, 10)
        if len(rows)
    ]


def platt(predicted: Column, won: Column) -> tuple[float, float]:
    """Intercept and slope that calibrate the score to the outcomes (Platt scaling)."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    clipped = np.clip(predicted, 1e-6, 1 - 1e-6)
    model = LogisticRegression(C=1e6).fit(np.log(clipped / (1 - clipped))[:, None], won)
    # Never turned round: a slope below zero would say that the ranking is worse than chance.
    return float(model.intercept_[0]), max(float(model.coef_[0][0]), 0.05)


def recalibrated(predicted: Column, won: Column, blocks: list[Column]) -> Column:
    """Predictions of each block, calibrated on the blocks before it."""
    import numpy as np

    out, place = predicted.copy(), 0
    for rows in blocks:
        if place:
            offset, slope = platt(predicted[:place], won[:place])
            part = np.clip(predicted[place : place + len(rows)], 1e-6, 1 - 1e-6)
            total = offset + slope * np.log(part / (1 - part))
            out[place : place + len(rows)] = 1 / (1 + np.exp(-total))
        place += len(rows)
    return out


def latest_share(
    asked: Column, known: Column, won: Column, latest: int, strength: float = 20
) -> Column:
    """Log odds of the share of won among the ``latest`` outcomes known before each day ``asked``.

    Shrunk towards one in ten by ``strength``: with few outcomes it says little.
    """
    import numpy as np

    order = np.argsort(known, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(won[order])])
    upto = np.searchsorted(known[order], asked, side="left")
    since = np.maximum(upto - latest, 0)
    share = (total[upto] - total[since] + strength * 0.1) / (upto - since + strength)
    return np.asarray(np.log(share / (1 - share)))
