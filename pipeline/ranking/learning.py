"""The firm's own outcomes as columns: one row per stage that a closed opportunity reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import log
from typing import TYPE_CHECKING, Any

from django.db import connection

from pipeline.ranking import features

if TYPE_CHECKING:
    from pipeline.ranking.scorecard import Column, Table

LATEST = "latest"
# As of the day on which it came there; what happened later is not in the row.
_CASES = """
WITH cases AS MATERIALIZED (
    SELECT o.id AS opportunity_id, m.to_stage_id AS stage_id, min(m.moved_on) AS day
    FROM pipeline_opportunity o
    JOIN pipeline_stagemove m ON m.opportunity_id = o.id
    JOIN pipeline_stage s ON s.id = m.to_stage_id AND s.kind = 'open'
    WHERE o.state <> 'open'
    GROUP BY o.id, m.to_stage_id
)
SELECT {columns}, (o.state = 'won')::int, q.day - date '2000-01-01',
       o.closed_on - date '2000-01-01'
FROM {source}
ORDER BY q.day, o.id, q.stage_id
"""
_ENDS = """
SELECT closed_on - date '2000-01-01', (state = 'won')::int
FROM pipeline_opportunity WHERE state <> 'open' ORDER BY closed_on, id
"""
_LAST = """
SELECT count(*), coalesce(sum((state = 'won')::int), 0) FROM (
    SELECT state FROM pipeline_opportunity WHERE state <> 'open' AND closed_on < %s
    ORDER BY closed_on DESC, id DESC LIMIT %s
) latest
"""


@dataclass(frozen=True)
class Outcomes:
    """Feature columns by name; for each row: whether won, day of prediction, day of the outcome."""

    table: Table
    won: Column
    asked: Column
    known: Column


def read(chosen: tuple[features.Feature, ...]) -> Outcomes:
    """All rows to learn from, with the features ``chosen`` and the share of the latest won."""
    import numpy as np

    from pipeline.ranking import evaluation

    statement = _CASES.format(columns=features.columns(chosen), source=features.source("cases"))
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall()
        cursor.execute(_ENDS)
        ends = np.array(cursor.fetchall(), dtype=float).reshape(-1, 2)
    columns: list[Any] = list(zip(*rows, strict=True)) or [()] * (len(chosen) + 3)
    table: Table = {}
    for feature, values in zip(chosen, columns, strict=False):
        if feature.kind == "number":
            given = [float("nan") if value is None else value for value in values]
            table[feature.name] = np.array(given, dtype=float)
        else:
            table[feature.name] = np.array([value or "" for value in values], dtype=object)
    won, asked, known = (np.array(values, dtype=float) for values in columns[-3:])
    table[LATEST] = evaluation.latest_share(asked, ends[:, 0], ends[:, 1], evaluation.LATEST)
    return Outcomes(table, won, asked, known)


def latest_known(day: date, strength: float = 20) -> float:
    """The same log odds as ``evaluation.latest_share``, for one day."""
    from pipeline.ranking.evaluation import LATEST as LAST

    with connection.cursor() as cursor:
        cursor.execute(_LAST, [day, LAST])
        count, won = cursor.fetchone()
    share = (float(won) + strength * 0.1) / (count + strength)
    return log(share / (1 - share))
