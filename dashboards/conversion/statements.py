"""The statements behind the conversion page: two grouped passes over the opportunities chosen.

Both begin with the same rows, compiled from the queryset that came through the viewer's scope, so
that figures and lists cannot part. A stage is reached by whoever came to it or to a later one, as
in pipeline/board/list_filter.py; losing is no later stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet

from pipeline.models import Opportunity, Stage

# One row per month of creation, per line of the table, and per place where they stand or were lost.
_STAGE_HISTORY = """
    WITH chosen AS MATERIALIZED ({chosen}),
    history AS (
        SELECT m.opportunity_id AS id, {first}
               (ARRAY_AGG(m.from_stage_id ORDER BY m.id DESC)
                   FILTER (WHERE s.kind = 'lost'))[1] AS lost_from
        FROM pipeline_stagemove m
        JOIN pipeline_stage s ON s.id = m.to_stage_id
        JOIN chosen ON chosen.id = m.opportunity_id
        GROUP BY m.opportunity_id
    ),
    counted AS (
        SELECT *, DATE_TRUNC('month', created_on)::date AS month
        FROM chosen LEFT JOIN history USING (id)
    )
    SELECT GROUPING(month, at, stage_id), month, at, stage_id, lost_reason_id, competitor_id,
           lost_from, COUNT(*) {counts}
    FROM counted
    GROUP BY GROUPING SETS ((month), (at), (stage_id, lost_reason_id, competitor_id, lost_from))
"""
_FIRST = "MIN(m.moved_on) FILTER (WHERE s.kind <> 'lost' AND s.position >= %s) AS first_{n},"
_COUNTS = ", COUNT(first_{n}), COUNT(*) FILTER (WHERE first_{n} - created_on <= %s)"
MONTH, LINE, PLACE = 0b011, 0b101, 0b110

# Days that each opportunity spent in each stage, all its stays together, and whether it is there.
_STAYS = """
    WITH chosen AS MATERIALIZED ({chosen}),
    stays AS (
        SELECT m.opportunity_id, m.to_stage_id, chosen.stage_id, m.moved_on,
               LEAD(m.moved_on) OVER (PARTITION BY m.opportunity_id ORDER BY m.id) AS left_on
        FROM pipeline_stagemove m JOIN chosen ON chosen.id = m.opportunity_id
    ),
    spent AS (
        SELECT to_stage_id, to_stage_id = stage_id AS there,
               SUM(GREATEST(COALESCE(left_on, %s) - moved_on, 0)) AS days
        FROM stays GROUP BY opportunity_id, to_stage_id, stage_id
    )
    SELECT to_stage_id, days, there, COUNT(*) FROM spent GROUP BY 1, 2, 3
"""


def stage_history(
    rows: QuerySet[Opportunity], key: str, stages: Sequence[Stage], within: int
) -> list[tuple[Any, ...]]:
    """Of ``rows``: per month, per ``key`` and per place, how many reached each of ``stages``.

    Each row: which of the three it is (MONTH, LINE, PLACE), month, value of ``key``, stage, reason
    for losing, competitor, stage lost from, how many; then for each stage two numbers: how many
    reached it so far, and within ``within`` days of their creation.
    """
    numbers = range(len(stages))
    first = "".join(_FIRST.format(n=n) for n in numbers)
    counts = "".join(_COUNTS.format(n=n) for n in numbers)
    positions: list[Any] = [stage.position for stage in stages]
    return _run(
        _STAGE_HISTORY, rows, key, positions + [within] * len(stages), first=first, counts=counts
    )


def stays(rows: QuerySet[Opportunity], day: date) -> list[tuple[Any, ...]]:
    """Stage, days spent there until ``day``, whether still there, how many opportunities."""
    return _run(_STAYS, rows, "stage_id", [day])


def _run(
    sql: str, rows: QuerySet[Opportunity], key: str, parameters: list[Any], **parts: str
) -> list[tuple[Any, ...]]:
    columns = ("id", "created_on", "stage_id", "lost_reason_id", "competitor_id")
    chosen = rows.order_by().values(*columns, at=F(key))
    try:
        inner, given = chosen.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        # The parts are made above of numbers alone; values go as parameters.
        cursor.execute(sql.format(chosen=inner, **parts), [*given, *parameters])
        return list(cursor.fetchall())
