"""Ranking 100,000 prospects beside the plain SQL of the same arithmetic.

The bench firm gets open opportunities until 100,000 are open. The plain statement writes the same
finished factors and the same product into a table of the same shape, with the rates and weights as
they are; both are undone.
"""

import json
import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any
from unittest.mock import patch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

import django

django.setup()

from django.db import connection, transaction

from crm.trading_days import today
from pipeline.ranking import scoring

WANTED = int(os.environ.get("BENCH_RANKED", "100000"))
ROUNDS = 3
# Clients without an open opportunity get one, so that many are open.
_FILL = """
INSERT INTO pipeline_opportunity (client_id, kind, stage_id, state, amount, next_step, next_step_on,
                                  lost_note, created_on, stage_since, version)
SELECT c.id, 'account_opening', s.id, 'open', 10000 + c.id %% 900000, 'x', %(day)s::date + c.id::int %% 20 - 8,
       '', %(day)s, %(day)s, 1
FROM clients_client c
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS many
      FROM pipeline_stage WHERE opportunity_kind = 'account_opening' AND kind = 'open') s
  ON s.place = c.id %% s.many
WHERE NOT EXISTS (SELECT 1 FROM pipeline_opportunity o
                  WHERE o.client_id = c.id AND o.state = 'open' AND o.kind = 'account_opening')
ORDER BY c.id
LIMIT greatest(%(wanted)s - (SELECT count(*) FROM pipeline_opportunity WHERE state = 'open'), 0)
"""
_PLAIN = """
INSERT INTO pipeline_rankingscore (opportunity_id, capital, capital_from, probability, rate,
    rate_closed, rate_won, model_id, facts, timing, timing_why, timing_days, score, pin,
    contact_on, day, branch_id, scored_at)
SELECT o.id, greatest(o.amount, 1), 'amount', r.rate, r.rate, r.closed, r.won, NULL, '{}'::jsonb,
    CASE WHEN c.calls_refused THEN 0.1 WHEN o.next_step_on < %(day)s THEN 1.5
         WHEN o.next_step_on = %(day)s THEN 1.4 WHEN %(day)s - c.last_contact_on <= 2 THEN 0.5
         WHEN o.expected_on - %(day)s BETWEEN 0 AND 14 THEN 1.2
         WHEN o.next_step_on - %(day)s <= 7 THEN 0.8 ELSE 0.5 END AS timing,
    'usual', coalesce(o.next_step_on - %(day)s, 0),
    power(greatest(o.amount, 1)::float8, 1) * power(r.rate, 1) * power(
    CASE WHEN c.calls_refused THEN 0.1 WHEN o.next_step_on < %(day)s THEN 1.5
         WHEN o.next_step_on = %(day)s THEN 1.4 WHEN %(day)s - c.last_contact_on <= 2 THEN 0.5
         WHEN o.expected_on - %(day)s BETWEEN 0 AND 14 THEN 1.2
         WHEN o.next_step_on - %(day)s <= 7 THEN 0.8 ELSE 0.5 END, 1), 0,
    c.last_contact_on, %(day)s, o.branch_id, now()
FROM pipeline_opportunity o
JOIN clients_client c ON c.id = o.client_id
JOIN pipeline_rankingrate r ON r.stage_id = o.stage_id AND r.prospect_type = c.prospect_type
WHERE o.state = 'open' AND o.amount IS NOT NULL
"""


def measured() -> dict[str, Any]:
    """Seconds of the product's scoring (by rates, and by the model in use) and of plain SQL."""
    day = today()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FILL, {"day": day, "wanted": WANTED})
        cursor.execute("ANALYZE pipeline_opportunity")
        scoring.refresh(day)
        cursor.execute("DELETE FROM pipeline_rankingscore")
        rows = 0

        def own() -> None:
            nonlocal rows
            rows = scoring.score(on=day)

        model = scoring.model_in_use(day)
        learnt = [_timed(own) for _ in range(ROUNDS)]
        plain = [_timed(lambda: cursor.execute(_PLAIN, {"day": day})) for _ in range(ROUNDS)]
        with patch.object(scoring, "model_in_use", return_value=None):
            simple = [_timed(own) for _ in range(ROUNDS)]
        transaction.set_rollback(True)
    return {
        "rows": rows,
        "scored": median(simple),
        "learnt": median(learnt) if model else None,
        "plain": median(plain),
    }


def _timed(work: Callable[[], Any]) -> float:
    """Seconds of ``work``, its foreign keys checked with it; undone."""
    point = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        started = time.perf_counter()
        work()
        seconds = time.perf_counter() - started
    transaction.savepoint_rollback(point)
    return seconds


if __name__ == "__main__":
    print(json.dumps(measured()))
