"""Reminding of what is due: runs, reminder rows and the digests of them (docs/callbacks.md).

The row is the reminder; a Celery message is only a hint. Each step below may be repeated at any
time by any worker and changes nothing the second time.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from clients.querysets import seen_sql
from crm import trading_days
from crm.leases import lost, sweep
from staff.middleware import system_work
from staff.policies import by_path
from visits.models import CallbackPlan, ReminderRun
from visits.notifications.policies import ESCALATION_DAYS
from visits.querysets import CallbackQuerySet

# Reminder time of segments without a plan: their callbacks by hand are reminded of, too.
DEFAULT_SLOT = time(8, 30)
# A digest waits this long for the other segments of its slot, then goes without them.
SEAL_AFTER = timedelta(minutes=5)
# A run that nobody finished in this time is handed out again.
RESEND_AFTER = timedelta(minutes=3)

_START = """
    INSERT INTO visits_reminderrun (segment_id, day, slot, started_at, sent_at)
    SELECT s.id, %(day)s, COALESCE(p.remind_at, %(default)s), %(now)s, %(now)s
    FROM clients_segment s
    LEFT JOIN visits_callbackplan p ON p.segment_id = s.id
        AND p.valid_from <= %(day)s AND (p.valid_to IS NULL OR p.valid_to > %(day)s)
    WHERE COALESCE(p.remind_at, %(default)s) <= %(clock)s
    ON CONFLICT (segment_id, day) DO NOTHING
    RETURNING segment_id
"""

# Which channels an employee has: the app always, the others where there is an address.
_CHANNELS = """
    JOIN LATERAL (
        SELECT 'in_app', NULL::bigint
        UNION ALL SELECT 'email', NULL WHERE e.email <> ''
        UNION ALL SELECT 'endpoint', p.id FROM visits_endpoint p
                  WHERE p.employee_id = e.id AND p.enabled AND p.removed_at IS NULL
    ) ch (channel, endpoint_id) ON true
"""

_NOT_REMINDED = """
    NOT EXISTS (
        SELECT FROM visits_reminder r
        WHERE r.callback_id = k.id AND r.employee_id = e.id AND r.due_on = k.due_on
          AND r.lead_days = {lead} AND r.channel = ch.channel AND r.escalated = {escalated}
          AND r.endpoint_id IS NOT DISTINCT FROM ch.endpoint_id AND r.status <> 'cancelled')
"""

_SEES = seen_sql(today="%(day)s")

# What is due within the nearest of the plan's leads and was not reminded of for it: open rows with
# someone to act who sees the client. A lead that passed unseen is covered by the nearer one.
_OWN = f"""
    SELECT k.id AS callback_id, e.id AS employee_id, k.due_on, near.lead, false AS escalated,
           ch.channel, ch.endpoint_id
    FROM visits_callback k
    JOIN clients_client c ON c.id = k.client_id
    JOIN staff_employee e ON e.id = k.employee_id AND e.is_active
    JOIN LATERAL (
        SELECT min(l.lead) AS lead
        FROM unnest(%(leads)s::int[], %(untils)s::date[]) l (lead, until)
        WHERE k.due_on <= l.until) near ON near.lead IS NOT NULL
    {_CHANNELS}
    WHERE k.status = 'open' AND c.segment_id = %(segment)s AND k.due_on <= %(until)s
      AND NOT k.confidential AND {_SEES}
      AND {_NOT_REMINDED.format(lead="near.lead", escalated="false")}
"""  # noqa: S608

# What is overdue for longer than the policy allows goes to the heads of the nearest branch that
# has one; once per callback and due date. A head's own goes to the next above. A backlog is spread
# by design and is nobody's fault.
_LATE = f"""
    SELECT k.id, e.id, k.due_on, 0, true, ch.channel, ch.endpoint_id
    FROM visits_callback k
    JOIN clients_client c ON c.id = k.client_id
    JOIN staff_branch b ON b.id = c.branch_id
    JOIN LATERAL (
        SELECT l.cutoff FROM unnest(%(paths)s::text[], %(cutoffs)s::date[]) l (path, cutoff)
        WHERE starts_with(b.path, l.path) ORDER BY length(l.path) DESC LIMIT 1
    ) allowed ON k.due_on <= allowed.cutoff
    JOIN LATERAL (
        SELECT h.id, h.email, rank() OVER (ORDER BY length(hb.path) DESC) AS distance
        FROM staff_employee h JOIN staff_branch hb ON hb.id = h.branch_id
        WHERE h.is_active AND h.role IN ('branch_head', 'regional_head')
          AND starts_with(b.path, hb.path) AND h.id IS DISTINCT FROM k.employee_id
    ) e ON e.distance = 1
    {_CHANNELS}
    WHERE k.status = 'open' AND c.segment_id = %(segment)s AND k.due_on <= %(oldest)s
      AND NOT k.is_backlog AND NOT k.confidential
      AND {_NOT_REMINDED.format(lead="0", escalated="true")}
"""  # noqa: S608

_CANDIDATES = f"{_OWN} UNION ALL {_LATE}"

_OPEN_DIGESTS = f"""
    INSERT INTO visits_digest (employee_id, day, slot, channel, endpoint_id, status, attempts,
                               error, created_at)
    SELECT DISTINCT employee_id, %(day)s::date, %(slot)s::time, channel, endpoint_id, 'waiting', 0,
           '', %(now)s::timestamptz
    FROM ({_CANDIDATES}) due
    ON CONFLICT (employee_id, day, slot, channel, endpoint_id) DO NOTHING
"""  # noqa: S608

# A digest that is sealed takes nothing more; locking it keeps the seal away until we commit.
_LOCK_DIGESTS = """
    SELECT id FROM visits_digest
    WHERE day = %(day)s AND slot = %(slot)s AND sealed_at IS NULL ORDER BY id FOR UPDATE
"""

_REMIND = f"""
    INSERT INTO visits_reminder (
        callback_id, employee_id, due_on, lead_days, escalated, channel, endpoint_id, digest_id,
        status, reason, created_at)
    SELECT due.callback_id, due.employee_id, due.due_on, due.lead, due.escalated, due.channel,
           due.endpoint_id, d.id, 'waiting', '', %(now)s
    FROM ({_CANDIDATES}) due
    JOIN visits_digest d ON d.employee_id = due.employee_id AND d.day = %(day)s
        AND d.slot = %(slot)s AND d.channel = due.channel AND d.sealed_at IS NULL
        AND d.endpoint_id IS NOT DISTINCT FROM due.endpoint_id
    ON CONFLICT DO NOTHING
"""  # noqa: S608

_LEFT = f"SELECT EXISTS ({_CANDIDATES})"

_SEAL = """
    UPDATE visits_digest d SET sealed_at = %(now)s
    WHERE d.status = 'waiting' AND d.sealed_at IS NULL
      AND (d.created_at <= %(late)s
           OR NOT EXISTS (SELECT FROM visits_reminderrun r
                          WHERE r.day = d.day AND r.slot = d.slot AND r.finished_at IS NULL))
"""


def start_due_runs(now: datetime | None = None) -> list[int]:
    """Segments whose reminder time has passed on this trading day and that have not run yet.

    One run per segment and trading day; after an outage the run of today covers all days missed,
    because it asks for what is due until today.
    """
    now = now or timezone.now()
    local = timezone.localtime(now)
    if not trading_days.is_trading_day(local.date()):
        return []
    return _segments(
        _START,
        {"day": local.date(), "clock": local.time(), "now": now, "default": DEFAULT_SLOT},
    )


def stale_runs(now: datetime | None = None) -> list[tuple[int, date]]:
    """Today's runs that a dead worker left, as segment and day; marked as handed out again."""
    now = now or timezone.now()
    with system_work():
        # Runs of a clock that ran ahead never were: they are started when their time comes.
        ReminderRun.objects.filter(started_at__gt=now + RESEND_AFTER).delete()
        rows = ReminderRun.objects.filter(
            lost("sent_at", now, RESEND_AFTER), finished_at=None, day=timezone.localdate(now)
        )
        return [(segment, day) for segment, day in sweep(rows, now, columns=("segment_id", "day"))]


def _segments(statement: str, parameters: dict[str, Any]) -> list[int]:
    with system_work(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [segment for (segment,) in cursor.fetchall()]


def remind(*, segment_id: int, day: date) -> int:
    """Write the reminders of a segment for a trading day; how many. A finished run does nothing.

    Raises ReminderRun.DoesNotExist where no run was started.
    """
    with system_work(), connection.cursor() as cursor:
        run = ReminderRun.objects.select_for_update().get(segment_id=segment_id, day=day)
        if run.finished_at:
            return 0
        now = timezone.now()
        if day < timezone.localdate(now):
            # Left over from an outage: the run of today covers what was due then.
            run.finished_at = now
            run.save(update_fields=["finished_at"])
            return 0
        plan = CallbackPlan.objects.valid_on(day).filter(segment=segment_id).first()
        leads = plan.remind_leads if plan else [0]
        parameters: dict[str, Any] = {
            "segment": segment_id,
            "day": day,
            "now": now,
            "leads": leads,
            "untils": [_until(day, lead) for lead in leads],
            "until": _until(day, max(leads, default=0)),
            **_patience(day),
        }
        count = _write(cursor, {**parameters, "slot": run.slot})
        # What a sealed digest could not take goes into one of this very minute.
        minute = timezone.localtime(now).time().replace(second=0, microsecond=0)
        count += _write(cursor, {**parameters, "slot": minute})
        cursor.execute(_LEFT, parameters)
        if cursor.fetchone()[0]:
            # Sealed again within the minute: the sweep hands the run out once more.
            return count
        run.finished_at = now
        run.save(update_fields=["finished_at"])
        return count


def _until(day: date, lead: int) -> date:
    """The last date that ``lead`` trading days reach: an appointment on closed days after the last
    of them has no later run to be told by."""
    return trading_days.add(day, lead + 1) - timedelta(days=1)


def _patience(day: date) -> dict[str, Any]:
    """By path of a branch, up to which due date its work counts as long overdue on ``day``."""
    days = by_path([ESCALATION_DAYS], on=day)[ESCALATION_DAYS.key]
    cutoffs = {path: _before(day, int(value)) for path, value in days.items()}
    return {
        "paths": list(cutoffs),
        "cutoffs": list(cutoffs.values()),
        "oldest": max(cutoffs.values(), default=None),
    }


def long_overdue(rows: CallbackQuerySet, *, on: date) -> CallbackQuerySet:
    """Those of ``rows`` that are long overdue on that day, whether or not a head was told of them.

    By the policy of the client's branch. As where heads are told, a backlog is nobody's fault, and
    what is confidential is not shown.
    """
    patience = _patience(on)
    paths, late = patience["paths"], Q(pk=None)
    for path, cutoff in zip(paths, patience["cutoffs"], strict=True):
        here = Q(client__branch__path__startswith=path, due_on__lte=cutoff)
        for nearer in paths:
            if nearer != path and nearer.startswith(path):
                here &= ~Q(client__branch__path__startswith=nearer)
        late |= here
    return rows.open().filter(late, is_backlog=False, confidential=False)


def _before(day: date, days: int) -> date:
    """The date ``days`` trading days before ``day``."""
    passed = trading_days.between(day - timedelta(days=3 * days + 20), day - timedelta(days=1))
    return passed[-days] if days else day - timedelta(days=1)


def _write(cursor: Any, parameters: dict[str, Any]) -> int:
    cursor.execute(_OPEN_DIGESTS, parameters)
    cursor.execute(_LOCK_DIGESTS, parameters)
    cursor.execute(_REMIND, parameters)
    count: int = cursor.rowcount
    return count


def seal(now: datetime | None = None) -> int:
    """Close the digests whose slot is complete, or that waited long enough; how many."""
    now = now or timezone.now()
    with system_work(), connection.cursor() as cursor:
        cursor.execute(_SEAL, {"now": now, "late": now - SEAL_AFTER})
        count: int = cursor.rowcount
        return count
