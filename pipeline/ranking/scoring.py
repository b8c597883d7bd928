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
from pipeline.models import RankingModel
from pipeline.ranking import features, rates, scorecard
from pipeline.ranking.learning import latest_known

# What the sizes of the client file stand for, in CNY: the middle of their bounds.
_SIZES = "('small', 50000), ('medium', 300000), ('large', 1750000), ('very_large', 5000000)"
# Where the firm has no amount at all yet.
_UNKNOWN = 100_000

# What is looked at, once per opportunity.
_SEEN = f"""
    SELECT o.id AS opportunity_id, o.stage_id, o.branch_id, c.prospect_type, c.last_contact_on,
        c.calls_refused, day, o.next_step_on - day AS step, o.expected_on - day AS expected,
        day - c.last_contact_on AS silent, day - c.recorded_on AS known,
        greatest(coalesce(o.amount, size.cny, usual.cny, {_UNKNOWN}), 1) AS capital,
        CASE WHEN o.amount IS NOT NULL THEN 'amount'
             WHEN size.cny IS NOT NULL THEN 'size' ELSE 'usual' END AS capital_from
    FROM pipeline_opportunity o
    JOIN clients_client c ON c.id = o.client_id
    CROSS JOIN (SELECT %s::date AS day) as_of
    LEFT JOIN (VALUES {_SIZES}) size (key, cny) ON size.key = c.investment_size
    LEFT JOIN (
        SELECT kind, percentile_disc(0.5) WITHIN GROUP (ORDER BY amount) AS cny
        FROM pipeline_opportunity WHERE amount IS NOT NULL GROUP BY kind
    ) usual ON usual.kind = o.kind
    WHERE o.state = 'open'
"""  # noqa: S608
# The first that applies; docs/ranking.md has the same table in words.
_WHY = """
    CASE WHEN calls_refused THEN 'no_calls' WHEN step < 0 THEN 'overdue' WHEN step = 0 THEN 'today'
         WHEN silent <= 2 THEN 'just_spoken' WHEN expected BETWEEN 0 AND 14 THEN 'expected'
         WHEN step <= 7 THEN 'soon' WHEN step > 7 THEN 'later' WHEN silent IS NULL THEN 'never'
         WHEN silent > 14 THEN 'silent' ELSE 'usual' END
"""
_TIMING = """
    CASE timing_why WHEN 'no_calls' THEN 0.1 WHEN 'overdue' THEN 1.5 WHEN 'today' THEN 1.4
         WHEN 'just_spoken' THEN 0.5 WHEN 'expected' THEN 1.2 WHEN 'soon' THEN 0.8
         WHEN 'later' THEN 0.5 WHEN 'never' THEN 1.2 WHEN 'silent' THEN 1.2 ELSE 1.0 END::float8
"""
_DAYS = """
    CASE WHEN timing_why = 'overdue' THEN -step WHEN timing_why = 'expected' THEN expected
         WHEN timing_why IN ('soon', 'later') THEN step WHEN timing_why = 'never' THEN known
         WHEN timing_why IN ('just_spoken', 'silent', 'usual') THEN silent ELSE 0 END
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
# Of the scores that are there, those that nobody else holds: a hand-over takes them client by client,
# and whoever waits for it while holding others may be what it waits for. What it holds is the next
# run's (``_STALE``). One score alone is waited for: a ring takes two.
_FREE = """
    SELECT opportunity_id FROM pipeline_rankingscore {which}
    ORDER BY opportunity_id FOR NO KEY UPDATE {skip}
"""
# New ones are inserted in the order of their keys, so that two do not wait in a ring. The branch of
# one that is there follows the client by trigger: what was read of it here may be older.
_WRITE = """
WITH seen AS ({seen}),
free AS MATERIALIZED ({free}),
weights AS MATERIALIZED ({weights}),
{facts}
firm AS (SELECT rate, closed, won FROM pipeline_rankingrate WHERE kind = ''),
scored AS (
    SELECT q.opportunity_id, q.capital, q.capital_from, {probability} AS probability,
           coalesce(r.rate, firm.rate, 0.5) AS rate, coalesce(r.closed, firm.closed, 0) AS closed,
           coalesce(r.won, firm.won, 0) AS won, {kept} AS facts, {timing} AS timing, timing_why,
           {days} AS timing_days, w.capital AS a, w.probability AS b, w.timing AS c,
           coalesce(p.direction, 0) AS pin, q.last_contact_on, q.day, q.branch_id
    FROM (SELECT *, {why} AS timing_why FROM seen) q
    JOIN weights w ON w.branch_id = q.branch_id
    {joined}
    LEFT JOIN pipeline_rankingrate r ON r.stage_id = q.stage_id AND r.prospect_type = q.prospect_type
    LEFT JOIN firm ON true
    LEFT JOIN pipeline_rankingoverride p
      ON p.opportunity_id = q.opportunity_id AND p.ended_at IS NULL AND p.until >= q.day
    LEFT JOIN (SELECT opportunity_id FROM pipeline_rankingscore) had
      ON had.opportunity_id = q.opportunity_id
    LEFT JOIN free ON free.opportunity_id = q.opportunity_id
    WHERE had.opportunity_id IS NULL OR free.opportunity_id IS NOT NULL
)
INSERT INTO pipeline_rankingscore (opportunity_id, capital, capital_from, probability, rate,
    rate_closed, rate_won, model_id, facts, timing, timing_why, timing_days, score, pin,
    contact_on, day, branch_id, scored_at)
SELECT opportunity_id, capital, capital_from, probability, rate, closed, won, %s::bigint, facts,
    timing, timing_why, timing_days,
    power(capital::float8, a::float8) * power(probability, b::float8) * power(timing, c::float8),
    pin, last_contact_on, day, branch_id, %s
FROM scored ORDER BY opportunity_id
ON CONFLICT (opportunity_id) DO UPDATE SET capital = EXCLUDED.capital,
    capital_from = EXCLUDED.capital_from, probability = EXCLUDED.probability, rate = EXCLUDED.rate,
    rate_closed = EXCLUDED.rate_closed, rate_won = EXCLUDED.rate_won, model_id = EXCLUDED.model_id,
    facts = EXCLUDED.facts, timing = EXCLUDED.timing, timing_why = EXCLUDED.timing_why,
    timing_days = EXCLUDED.timing_days, score = EXCLUDED.score, pin = EXCLUDED.pin,
    contact_on = EXCLUDED.contact_on, day = EXCLUDED.day, scored_at = EXCLUDED.scored_at
"""
# Of what was scored: changed since, or not scored yet; all of it where weights are newer (a branch's
# are applied at once, but for what others held). A day's change is the night's work.
_STALE = """
SELECT o.id FROM pipeline_opportunity o
JOIN clients_client c ON c.id = o.client_id
LEFT JOIN pipeline_rankingscore s ON s.opportunity_id = o.id
LEFT JOIN (
    SELECT b.id, max(w.at) AS at FROM staff_branch b
    JOIN pipeline_rankingweights w ON true LEFT JOIN staff_branch own ON own.id = w.branch_id
    WHERE own.id IS NULL OR starts_with(b.path, own.path) GROUP BY b.id
) weighed ON weighed.id = o.branch_id
WHERE o.state = 'open' AND (s.opportunity_id IS NULL OR o.updated_at > s.scored_at
    OR c.updated_at > s.scored_at OR c.last_contact_on IS DISTINCT FROM s.contact_on
    OR s.branch_id IS DISTINCT FROM o.branch_id OR s.scored_at < weighed.at)
"""
# Never waits for others while rows are held: what they hold is the next run's.
_CLOSED = """
DELETE FROM pipeline_rankingscore WHERE opportunity_id IN (
    SELECT s.opportunity_id FROM pipeline_rankingscore s
    JOIN pipeline_opportunity o ON o.id = s.opportunity_id AND o.state <> 'open'
    FOR UPDATE OF s SKIP LOCKED)
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
    """Score these open opportunities, or all of the firm; returns their number.

    Of several, those whose score somebody else holds are left to the next run.
    """
    if opportunities is not None and not opportunities:
        return 0
    day = on or today()
    model = model_in_use(day)
    seen, which, skip = _SEEN, "", "SKIP LOCKED"
    params: list[Any] = [day]
    if opportunities is not None:
        keys = list(opportunities)
        seen, which = _SEEN + " AND o.id = ANY(%s)", "WHERE opportunity_id = ANY(%s)"
        params, skip = [day, keys, keys], "" if len(keys) == 1 else skip
    parts, more = _probability(model, day)
    statement = _WRITE.format(
        seen=seen,
        free=_FREE.format(which=which, skip=skip),
        weights=_WEIGHTS,
        why=_WHY,
        timing=_TIMING,
        days=_DAYS,
        **parts,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, *more, model.pk if model else None, timezone.now()])
        count = int(cursor.rowcount)
        cursor.execute(_CLOSED)
        return count


def _probability(model: RankingModel | None, day: date) -> tuple[dict[str, str], list[Any]]:
    """SQL of the probability, of what to keep of it, of the features; and the parameters."""
    if model is None:
        rate = "coalesce(r.rate, firm.rate, 0.5)"
        return {"probability": rate, "kept": "'{}'::jsonb", "facts": "", "joined": ""}, []
    chosen = [f for f in features.FEATURES if f.name in model.features]
    read = f"SELECT q.opportunity_id, {features.columns(chosen)} FROM {features.source('cases')}"  # noqa: S608
    total, params = scorecard.sql(model.card, {"latest": latest_known(day)})
    kept = ", ".join(f"'{f.name}', f.{f.name}" for f in chosen)
    parts = {
        "probability": f"1 / (1 + exp(-({total})))",
        "kept": f"jsonb_build_object({kept})",
        "facts": f"cases AS (SELECT opportunity_id, stage_id, day FROM seen), f AS ({read}),",  # noqa: S608
        "joined": "JOIN f ON f.opportunity_id = q.opportunity_id",
    }
    return parts, params


def score_changed() -> int:
    """Score new opportunities and those changed since their score; returns their number."""
    with connection.cursor() as cursor:
        cursor.execute(_STALE)
        keys = [row[0] for row in cursor.fetchall()]
    return score(opportunities=keys)


def refresh(on: date | None = None) -> int:
    """Nightly run: recompute rates, then every score."""
    day = on or today()
    rates.refresh(day)
    return score(on=day)
