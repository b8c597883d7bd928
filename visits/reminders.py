"""Reminding of what is due: runs, reminder rows and the digests that carry them (design §4).

The row is the reminder; a Celery message is only a hint. Each step below may be repeated at any
time by any worker and changes nothing the second time.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from crm import trading_days
from visits.models import CallbackPlan, ReminderRun

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

# What is due and was not reminded of on this due date: open rows with someone to act.
_CANDIDATES = """
    SELECT k.id AS callback_id, k.employee_id, k.due_on, ch.channel
    FROM visits_callback k
    JOIN clients_client c ON c.id = k.client_id
    JOIN staff_employee e ON e.id = k.employee_id AND e.is_active
    CROSS JOIN (VALUES ('in_app'), ('email')) ch (channel)
    WHERE k.status = 'open' AND c.segment_id = %(segment)s AND k.due_on <= %(until)s
      AND (ch.channel = 'in_app' OR e.email <> '')
      AND NOT EXISTS (
          SELECT FROM visits_reminder r
          WHERE r.callback_id = k.id AND r.employee_id = k.employee_id AND r.due_on = k.due_on
            AND r.lead_days = %(lead)s AND r.channel = ch.channel)
"""

_OPEN_DIGESTS = f"""
    INSERT INTO visits_digest (employee_id, day, slot, channel, status, attempts, error, created_at)
    SELECT DISTINCT employee_id, %(day)s::date, %(slot)s::time, channel, 'waiting', 0, '',
           %(now)s::timestamptz
    FROM ({_CANDIDATES}) due
    ON CONFLICT (employee_id, day, slot, channel) DO NOTHING
"""  # noqa: S608

# A digest that is sealed takes nothing more; locking it keeps the seal away until we commit.
_LOCK_DIGESTS = """
    SELECT id FROM visits_digest
    WHERE day = %(day)s AND slot = %(slot)s AND sealed_at IS NULL ORDER BY id FOR UPDATE
"""

_REMIND = f"""
    INSERT INTO visits_reminder (
        callback_id, employee_id, due_on, lead_days, channel, digest_id, status, reason, created_at)
    SELECT due.callback_id, due.employee_id, due.due_on, %(lead)s, due.channel, d.id, 'waiting',
           '', %(now)s
    FROM ({_CANDIDATES}) due
    JOIN visits_digest d ON d.employee_id = due.employee_id AND d.day = %(day)s
        AND d.slot = %(slot)s AND d.channel = due.channel AND d.sealed_at IS NULL
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

_RESEND = """
    UPDATE visits_reminderrun SET sent_at = %(now)s
    WHERE finished_at IS NULL AND day = %(day)s AND sent_at <= %(late)s
    RETURNING segment_id, day
"""


def start_due_runs(now: datetime | None = None) -> list[int]:
    """Segments whose reminder time has come on this trading day and that have not run yet.

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
    parameters = {"now": now, "day": timezone.localdate(now), "late": now - RESEND_AFTER}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_RESEND, parameters)
        return list(cursor.fetchall())


def _segments(statement: str, parameters: dict[str, Any]) -> list[int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [segment for (segment,) in cursor.fetchall()]


def remind(*, segment_id: int, day: date) -> int:
    """Write the reminders of a segment for a trading day; how many. A finished run does nothing.

    Raises ReminderRun.DoesNotExist where no run was started.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        run = ReminderRun.objects.select_for_update().get(segment_id=segment_id, day=day)
        if run.finished_at:
            return 0
        now = timezone.now()
        if day < timezone.localdate(now):
            # Left over from an outage: the run of today covers what was due then.
            run.finished_at = now
            run.save(update_fields=["finished_at"])
            return 0
        in_force = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
        plan = CallbackPlan.objects.filter(
            in_force, segment_id=segment_id, valid_from__lte=day
        ).first()
        lead = plan.remind_lead_days if plan else 0
        parameters: dict[str, Any] = {
            "segment": segment_id,
            "day": day,
            "until": trading_days.add(day, lead),
            "lead": lead,
            "now": now,
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


def _write(cursor: Any, parameters: dict[str, Any]) -> int:
    cursor.execute(_OPEN_DIGESTS, parameters)
    cursor.execute(_LOCK_DIGESTS, parameters)
    cursor.execute(_REMIND, parameters)
    count: int = cursor.rowcount
    return count


def seal(now: datetime | None = None) -> int:
    """Close the digests whose slot is complete, or that waited long enough; how many."""
    now = now or timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SEAL, {"now": now, "late": now - SEAL_AFTER})
        count: int = cursor.rowcount
        return count
