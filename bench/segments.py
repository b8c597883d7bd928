"""Reclassifying the firm beside the plain UPDATE of the finished classes in the same table.

The rules take turns: each gets the conditions of the next one, so that most clients move. The
UPDATE sets the same columns of the same rows under the same triggers. Everything is undone.
"""

import json
import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

import django

django.setup()

from django.db import connection, transaction

from clients.segments.classification import classify
from clients.segments.fields import CRITERIA

ROUNDS = int(os.environ.get("BENCH_SEGMENT_ROUNDS", "3"))
_TURN = f"""
WITH placed AS (
    SELECT *, row_number() OVER (ORDER BY priority, id) AS place, count(*) OVER () AS many
    FROM clients_segmentrule WHERE valid_to IS NULL
)
UPDATE clients_segmentrule r
SET {", ".join(f"{name} = next.{name}" for name in CRITERIA)}
FROM placed own JOIN placed next ON next.place = own.place %% own.many + 1
WHERE r.id = own.id
"""
_PLAIN = """
UPDATE clients_client c SET segment_id = f.segment_id, segment_since = f.segment_since
FROM finished f WHERE f.id = c.id
"""


def measured() -> dict[str, Any]:
    """Seconds of the classification and of the UPDATE, and how many clients moved."""
    classified, updated = [], []
    with transaction.atomic(), connection.cursor() as cursor:
        classify()
        cursor.execute("CREATE TEMP TABLE before AS SELECT id, segment_id FROM clients_client")
        cursor.execute(_TURN, [])
        point = transaction.savepoint()
        rows = classify()
        cursor.execute(
            "SELECT array_agg(c.id), array_agg(c.segment_id), array_agg(c.segment_since)"
            " FROM clients_client c JOIN before b USING (id) WHERE b.segment_id <> c.segment_id"
        )
        finished = cursor.fetchone()
        transaction.savepoint_rollback(point)
        cursor.execute(
            "CREATE TEMP TABLE finished AS SELECT * FROM"
            " unnest(%s::bigint[], %s::bigint[], %s::date[]) f (id, segment_id, segment_since)",
            finished,
        )
        cursor.execute("ANALYZE finished")
        for _ in range(ROUNDS):
            classified.append(_timed(classify))
            updated.append(_timed(lambda: cursor.execute(_PLAIN)))
        transaction.set_rollback(True)
    return {"rows": rows, "classified": median(classified), "updated": median(updated)}


def _timed(work: Callable[[], Any]) -> float:
    """Seconds of ``work``, its foreign keys checked with each statement; undone."""
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
