"""Which segment each client belongs to: one statement for a client, a branch or the firm (D-03).

Rules in force of a branch's own segments come before the firm's, the nearest branch first; then the
lowest priority number, then the oldest segment. Whom no rule matches gets the default segment.
Pinned and merged clients are left alone.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import time
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from clients.models import Client, SegmentChange
from clients.segments.fields import asked
from crm.nightly import claim
from crm.trading_days import today
from staff.middleware import system_work
from staff.models import Branch

# The rule that takes a row ``c`` with a client's columns, of the branch ``b``: ``best.segment_id``
# and ``best.rule_id``. The preview of a rule puts other rows in the place of the tables.
BEST_OF = """
    LEFT JOIN LATERAL (
        SELECT r.id AS rule_id, s.id AS segment_id
        FROM {rules} r
        JOIN {segments} s ON s.id = r.segment_id
        LEFT JOIN staff_branch own ON own.id = s.branch_id
        WHERE r.valid_from <= %(today)s AND (r.valid_to IS NULL OR r.valid_to > %(today)s)
          AND (own.id IS NULL OR b.path LIKE own.path || '%%')
          AND {asked}
        ORDER BY length(own.path) DESC NULLS LAST, r.priority, s.id
        LIMIT 1
    ) best ON true
"""
# The importer uses it too, so that a new client is written once.
BEST = BEST_OF.format(rules="clients_segmentrule", segments="clients_segment", asked=asked())
_CLASSIFY = f"""
WITH target AS (
    SELECT c.id, c.segment_id AS old, COALESCE(best.segment_id, fallback.id) AS new, best.rule_id
    FROM clients_client c
    JOIN staff_branch b ON b.id = c.branch_id
    JOIN clients_segment fallback ON fallback.is_default
    {BEST}
    WHERE NOT c.segment_pinned AND c.merged_into_id IS NULL
      AND (%(clients)s::bigint[] IS NULL OR c.id = ANY (%(clients)s::bigint[]))
      AND (%(path)s::text IS NULL OR b.path LIKE %(path)s || '%%')
), moved AS (
    UPDATE clients_client c SET segment_id = t.new, segment_since = %(today)s
    FROM target t WHERE c.id = t.id AND t.old <> t.new
    RETURNING c.id
)
INSERT INTO clients_segmentchange (client_id, segment_id, rule_id, pinned, reason)
SELECT t.id, t.new, t.rule_id, false, ''
FROM target t
WHERE t.old <> t.new
   OR NOT EXISTS (SELECT FROM clients_segmentchange known WHERE known.client_id = t.id)
ORDER BY t.id
"""  # noqa: S608
# Pins whose last day has passed: that they ended is told, and the rules decide from then on.
_UNPIN = """
WITH ended AS (
    UPDATE clients_client
    SET segment_pinned = false, segment_reason = '', segment_pinned_until = NULL
    WHERE segment_pinned AND segment_pinned_until < %(today)s
    RETURNING id, segment_id
)
INSERT INTO clients_segmentchange (client_id, segment_id, pinned, reason)
SELECT id, segment_id, false, 'pin ended' FROM ended ORDER BY id
"""
NIGHTLY_AT = time(2, 0)
# For more clients foreign keys are checked with the statement: the trigger that keeps the history
# opens a subtransaction per row, and each walks over every check that waits for the end.
MANY = 1000


def segments_of(client: Client) -> QuerySet[SegmentChange]:
    """Segment changes of the client and of records merged into it."""
    return SegmentChange.objects.filter(client__in=client.group)


def classify(*, clients: Collection[int] | None = None, branch: Branch | None = None) -> int:
    """Classify these clients, a branch with all under it, or the firm.

    Returns how many clients got another segment or their first. Only these rows are written;
    each has a SegmentChange that names the rule.
    """
    if clients is not None and not clients:
        return 0
    parameters: dict[str, Any] = {
        "today": today(),
        "clients": None if clients is None else list(clients),
        "path": None if branch is None else branch.path,
    }
    with system_work(), connection.cursor() as cursor:
        if clients is None or len(clients) > MANY:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_CLASSIFY, parameters)
        count: int = cursor.rowcount
    return count


def classify_nightly() -> int | None:
    """Classify the firm if it is past two o'clock and this night's run is still to be done.

    Returns how many clients changed, or ``None`` where there was nothing to do. Rules begin and end
    by date, so a day on which nobody edits anything may still move clients.
    """
    with system_work(), connection.cursor() as cursor:
        if not claim("classification", NIGHTLY_AT):
            return None
        cursor.execute(_UNPIN, {"today": today()})
        return classify()
