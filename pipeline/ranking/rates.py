"""Simple success rates: share won of opportunities that reached a stage, shrunk, with counts."""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction

from pipeline.models import RankingRate
from pipeline.ranking.features import KNOWN
from pipeline.ranking.policies import PRIOR_STRENGTH
from staff.policies import number

# An opportunity counts once for each stage in progress that it came to, by the type of prospect
# that was on record then.
# A rate is (won + strength x prior) / (closed + strength): with few outcomes it stays near the
# prior, which is the rate one level up; the firm's own starts from one of two.
_WRITE = """
WITH came AS (
    SELECT q.*, k.prospect_type AS type
    FROM (
        SELECT o.id, o.client_id, o.kind, m.to_stage_id AS stage_id, min(m.moved_on) AS day,
               (o.state = 'won')::int AS won
        FROM pipeline_opportunity o
        JOIN pipeline_stagemove m ON m.opportunity_id = o.id
        JOIN pipeline_stage s ON s.id = m.to_stage_id AND s.kind = 'open'
        WHERE o.state <> 'open'
        GROUP BY o.id, m.to_stage_id
    ) q
    JOIN clients_client c ON c.id = q.client_id
    CROSS JOIN LATERAL {known} k
),
ended AS (
    SELECT kind, count(*) AS n, count(*) FILTER (WHERE state = 'won') AS w
    FROM pipeline_opportunity WHERE state <> 'open' GROUP BY kind
),
firm AS (
    SELECT coalesce(sum(n), 0) AS n, coalesce(sum(w), 0) AS w,
           (coalesce(sum(w), 0) + 1)::float8 / (coalesce(sum(n), 0) + 2) AS rate
    FROM ended
),
kinds AS (
    SELECT k.kind, coalesce(e.n, 0) AS n, coalesce(e.w, 0) AS w,
           (coalesce(e.w, 0) + %(m)s * firm.rate) / (coalesce(e.n, 0) + %(m)s) AS rate
    FROM (SELECT DISTINCT opportunity_kind AS kind FROM pipeline_stage) k
    LEFT JOIN ended e USING (kind) CROSS JOIN firm
),
stages AS (
    SELECT s.id, k.kind, coalesce(t.n, 0) AS n, coalesce(t.w, 0) AS w,
           (coalesce(t.w, 0) + %(m)s * k.rate) / (coalesce(t.n, 0) + %(m)s) AS rate
    FROM pipeline_stage s JOIN kinds k ON k.kind = s.opportunity_kind
    LEFT JOIN (SELECT stage_id, count(*) AS n, sum(won) AS w FROM came GROUP BY stage_id) t
      ON t.stage_id = s.id
    WHERE s.kind = 'open'
),
types AS (
    SELECT s.id, s.kind, p.type, coalesce(t.n, 0) AS n, coalesce(t.w, 0) AS w,
           (coalesce(t.w, 0) + %(m)s * s.rate) / (coalesce(t.n, 0) + %(m)s) AS rate
    FROM stages s
    CROSS JOIN unnest(ARRAY['', 'avoidant', 'delegating', 'advisory', 'self_directed']) p (type)
    LEFT JOIN (
        SELECT stage_id, type, count(*) AS n, sum(won) AS w FROM came GROUP BY stage_id, type
    ) t ON t.stage_id = s.id AND t.type = p.type
)
INSERT INTO pipeline_rankingrate (kind, stage_id, prospect_type, closed, won, rate)
SELECT '', NULL::bigint, NULL, n, w, rate FROM firm
UNION ALL SELECT kind, NULL, NULL, n, w, rate FROM kinds
UNION ALL SELECT kind, id, NULL, n, w, rate FROM stages
UNION ALL SELECT kind, id, type, n, w, rate FROM types
"""


@transaction.atomic
def refresh(on: date) -> None:
    """Recompute all rates from the outcomes so far."""
    # Stronger than nothing: a strength of zero would divide by zero where nothing has closed.
    strength = max(float(number(PRIOR_STRENGTH, on=on)), 1.0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ranking_rates'))")
        RankingRate.objects.all().delete()
        cursor.execute(_WRITE.format(known=KNOWN), {"m": strength})
