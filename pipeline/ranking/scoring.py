"""Scores of open opportunities, in one statement for one of them or for the whole firm.

score = capital^a x probability^b x timing^c, with the weights a, b, c of the client's branch.
Every factor is stored beside it, with where it comes from.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from crm.trading_days import today
from pipeline.models import RankingModel, RankingRate
from pipeline.ranking import features, rates, scorecard
from pipeline.ranking.learning import latest_known

# What the sizes of the client file stand for, in CNY: the middle of their bounds.
_SIZES = "('small', 50000), ('medium', 300000), ('large', 1750000), ('very_large', 5000000)"
# Where the firm has no amount at all yet.
_UNKNOWN = 100_000

_CAPITAL = f"""
    SELECT q.opportunity_id,
        CASE WHEN o.amount IS NOT NULL THEN greatest(o.amount, 1)
             WHEN size.cny IS NOT NULL THEN size.cny
             ELSE greatest(coalesce(usual.cny, {_UNKNOWN}), 1) END AS capital,
        CASE WHEN o.amount IS NOT NULL THEN 'amount'
             WHEN size.cny IS NOT NULL THEN 'size' ELSE 'usual' END AS capital_from
    FROM cases q
    JOIN pipeline_opportunity o ON o.id = q.opportunity_id
    JOIN clients_client c ON c.id = o.client_id
    LEFT JOIN (VALUES {_SIZES}) size (key, cny) ON size.key = c.investment_size
    LEFT JOIN (
        SELECT kind, percentile_disc(0.5) WITHIN GROUP (ORDER BY amount) AS cny
        FROM pipeline_opportunity WHERE amount IS NOT NULL GROUP BY kind
    ) usual ON usual.kind = o.kind
"""  # noqa: S608
# The first that applies; docs/ranking.md has the same table in words.
_TIMING = """
    SELECT q.opportunity_id, t.*
    FROM cases q
    JOIN pipeline_opportunity o ON o.id = q.opportunity_id
    JOIN clients_client c ON c.id = o.client_id
    CROSS JOIN LATERAL (
        SELECT o.next_step_on - q.day AS step, o.expected_on - q.day AS expected,
               q.day - c.last_contact_on AS silent, q.day - c.recorded_on AS known
    ) d
    CROSS JOIN LATERAL (
        SELECT * FROM (VALUES
            (1, c.calls_refused, 'no_calls', 0.1, 0),
            (2, d.step < 0, 'overdue', 1.5, -d.step),
            (3, d.step = 0, 'today', 1.4, 0),
            (4, d.silent <= 2, 'just_spoken', 0.5, d.silent),
            (5, d.expected BETWEEN 0 AND 14, 'expected', 1.2, d.expected),
            (6, d.step <= 7, 'soon', 0.8, d.step),
            (7, d.step > 7, 'later', 0.5, d.step),
            (8, d.silent IS NULL, 'never', 1.2, d.known),
            (9, d.silent > 14, 'silent', 1.2, d.silent),
            (10, true, 'usual', 1.0, d.silent)
        ) rule (place, applies, timing_why, timing, timing_days)
        WHERE applies ORDER BY place LIMIT 1
    ) t
"""
_WEIGHTS = """
    SELECT b.id AS branch_id, coalesce(x.capital, 1) AS capital,
           coalesce(x.probability, 1) AS probability, coalesce(x.timing, 1) AS timing
    FROM staff_branch b
    LEFT JOIN LATERAL (
        SELECT w.* FROM pipeline_rankingweights w
        LEFT JOIN staff_branch own ON own.id = w.branch_id
        WHERE w.ended_at IS NULL AND (w.branch_id IS NULL OR b.path LIKE own.path || '%%')
        ORDER BY length(own.path) DESC NULLS LAST LIMIT 1
    ) x ON true
"""
_CASES = """
    SELECT o.id AS opportunity_id, o.stage_id, %s::date AS day FROM pipeline_opportunity o
    WHERE o.state = 'open'
"""
_WRITE = """
WITH cases AS MATERIALIZED ({cases}),
capital AS ({capital}),
timing AS ({timing}),
weights AS MATERIALIZED ({weights}),
f AS ({facts}),
usual AS (SELECT rate, closed, won FROM pipeline_rankingrate WHERE kind = ''),
scored AS (
    SELECT q.opportunity_id, capital.capital, capital.capital_from,
           {probability} AS probability,
           coalesce(r.rate, usual.rate, 0.5) AS rate, coalesce(r.closed, usual.closed, 0) AS closed,
           coalesce(r.won, usual.won, 0) AS won, {told} AS facts,
           timing.timing, timing.timing_why, coalesce(timing.timing_days, 0) AS timing_days,
           w.capital AS a, w.probability AS b, w.timing AS c, coalesce(p.direction, 0) AS pin,
           c.last_contact_on, q.day
    FROM cases q
    JOIN capital USING (opportunity_id)
    JOIN timing USING (opportunity_id)
    JOIN f USING (opportunity_id)
    JOIN pipeline_opportunity o ON o.id = q.opportunity_id
    JOIN clients_client c ON c.id = o.client_id
    JOIN weights w ON w.branch_id = c.branch_id
    LEFT JOIN pipeline_rankingrate r ON r.stage_id = q.stage_id AND r.prospect_type = c.prospect_type
    LEFT JOIN usual ON true
    LEFT JOIN pipeline_rankingoverride p
      ON p.opportunity_id = q.opportunity_id AND p.ended_at IS NULL AND p.until >= q.day
)
INSERT INTO pipeline_rankingscore (opportunity_id, capital, capital_from, probability, rate,
    rate_closed, rate_won, model_id, facts, timing, timing_why, timing_days, score, pin,
    contact_on, day, scored_at)
SELECT opportunity_id, capital, capital_from, probability, rate, closed, won, %s::bigint, facts,
    timing, timing_why, timing_days,
    power(capital::float8, a::float8) * power(probability, b::float8)
        * power(timing::float8, c::float8),
    pin, last_contact_on, day, %s
FROM scored
ON CONFLICT (opportunity_id) DO UPDATE SET capital = EXCLUDED.capital,
    capital_from = EXCLUDED.capital_from, probability = EXCLUDED.probability, rate = EXCLUDED.rate,
    rate_closed = EXCLUDED.rate_closed, rate_won = EXCLUDED.rate_won, model_id = EXCLUDED.model_id,
    facts = EXCLUDED.facts, timing = EXCLUDED.timing, timing_why = EXCLUDED.timing_why,
    timing_days = EXCLUDED.timing_days, score = EXCLUDED.score, pin = EXCLUDED.pin,
    contact_on = EXCLUDED.contact_on, day = EXCLUDED.day, scored_at = EXCLUDED.scored_at
"""
# Of what was scored: changed since, or not scored yet. A day's change is the night's work.
_STALE = """
SELECT o.id FROM pipeline_opportunity o
JOIN clients_client c ON c.id = o.client_id
LEFT JOIN pipeline_rankingscore s ON s.opportunity_id = o.id
WHERE o.state = 'open' AND (s.opportunity_id IS NULL OR o.updated_at > s.scored_at
    OR c.updated_at > s.scored_at OR c.last_contact_on IS DISTINCT FROM s.contact_on)
"""
_CLOSED = """
DELETE FROM pipeline_rankingscore s USING pipeline_opportunity o
WHERE o.id = s.opportunity_id AND o.state <> 'open'
"""


def model_in_use(on: date) -> RankingModel | None:
    """The latest training, if it proved better and looks at nothing that is barred by now."""
    last = RankingModel.objects.order_by("-version").first()
    if last is None or last.verdict != RankingModel.Verdict.USED:
        return None
    fit_now = {feature.name for feature in features.allowed(features.barred(on))}
    return last if set(last.features) <= fit_now else None


@transaction.atomic
def score(*, opportunities: Collection[int] | None = None, on: date | None = None) -> int:
    """Score open opportunities, these or all of the firm; says how many."""
    if opportunities is not None and not opportunities:
        return 0
    day = on or today()
    model = model_in_use(day)
    cases, params = _CASES, [day]
    if opportunities is not None:
        cases, params = _CASES + " AND o.id = ANY(%s)", [day, list(opportunities)]
    probability, told, facts, more = _probability(model, day)
    statement = _WRITE.format(
        cases=cases,
        capital=_CAPITAL,
        timing=_TIMING,
        weights=_WEIGHTS,
        facts=facts,
        probability=probability,
        told=told,
    )
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED)
        cursor.execute(statement, [*params, *more, model.pk if model else None, timezone.now()])
        return int(cursor.rowcount)


def _probability(model: RankingModel | None, day: date) -> tuple[str, str, str, list[Any]]:
    """SQL of the probability, of what to keep of it, of the features; and the parameters."""
    if model is None:
        rate = "coalesce(r.rate, usual.rate, 0.5)"
        return rate, "'{}'::jsonb", "SELECT opportunity_id FROM cases", []
    chosen = [f for f in features.FEATURES if f.name in model.features]
    facts = f"SELECT q.opportunity_id, {features.columns(chosen)} FROM {features.source('cases')}"  # noqa: S608
    total, params = scorecard.sql(model.card, {"latest": latest_known(day)})
    kept = ", ".join(f"'{f.name}', f.{f.name}" for f in chosen)
    return f"1 / (1 + exp(-({total})))", f"jsonb_build_object({kept})", facts, params


def score_changed() -> int:
    """Score what changed since it was scored, and what is new; says how many."""
    with connection.cursor() as cursor:
        cursor.execute(_STALE)
        keys = [row[0] for row in cursor.fetchall()]
    return score(opportunities=keys)


def refresh(on: date | None = None) -> int:
    """The night's work: rates anew, then every score."""
    day = on or today()
    rates.refresh(day)
    return score(on=day)


def has_rates() -> bool:
    """Whether rates were ever written."""
    return RankingRate.objects.exists()
