"""The nightly planning of each segment, once per business date, and what is watched beside it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone

from clients.models import Segment
from crm.addresses import address
from crm.models import Heartbeat, Holiday
from staff.middleware import system_work
from staff.models import Employee, Notification
from visits.agenda.reschedule import take_back
from visits.contacts import drafts
from visits.models import PlanningRun
from visits.notifications import digests
from visits.planning.planner import Counts, plan_callbacks

# After classification at two, which decides who is in a segment.
NIGHTLY_AT = time(2, 30)
# A planning that nobody finished in this time is handed out again.
RESEND_AFTER = timedelta(minutes=15)

_START = """
    INSERT INTO visits_planningrun (segment_id, day, started_at, sent_at, created, kept, moved,
                                    cancelled)
    SELECT s.id, %(day)s, %(now)s, %(now)s, 0, 0, 0, 0 FROM clients_segment s
    ON CONFLICT (segment_id, day) DO NOTHING
    RETURNING segment_id, day
"""
_RESEND = """
    UPDATE visits_planningrun SET sent_at = %(now)s
    WHERE finished_at IS NULL AND day = %(day)s
      AND (sent_at <= %(late)s OR sent_at > %(now)s)
    RETURNING segment_id, day
"""


# Runs of a clock that ran ahead never were: they are started when their time comes.
_FORGET = "DELETE FROM visits_planningrun WHERE started_at > %(ahead)s RETURNING segment_id, day"


def start_due_runs(now: datetime | None = None) -> list[tuple[int, date]]:
    """Segments to plan for this business date that have not run; each is given out once."""
    now = now or timezone.now()
    late = PlanningRun.objects.filter(
        day=timezone.localdate(now), finished_at=None, started_at__lte=now - RESEND_AFTER
    )
    if not late.exists():
        note_alive("planning")
    local = timezone.localtime(now)
    if local.time() < NIGHTLY_AT:
        return []
    warn_of_missing_holidays(local.date())
    drafts.delete_old(now)
    started = _rows(_START, {"now": now, "day": local.date()})
    if started:
        take_back()
    return started


def stale_runs(now: datetime | None = None) -> list[tuple[int, date]]:
    """Today's runs that a dead worker left; marked as handed out again."""
    now = now or timezone.now()
    day = timezone.localdate(now)
    _rows(_FORGET, {"ahead": now + RESEND_AFTER})
    return _rows(_RESEND, {"now": now, "day": day, "late": now - RESEND_AFTER})


def _rows(statement: str, parameters: dict[str, object]) -> list[tuple[int, date]]:
    with system_work(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)  # type: ignore[arg-type]
        return list(cursor.fetchall())


@system_work()
def plan(*, segment_id: int, day: date) -> Counts:
    """Plan a segment and note the counts in its run of that date.

    A run left over from an earlier date plans nothing: the run of today covers it.
    """
    counts = Counts()
    if day >= timezone.localdate():
        counts = plan_callbacks(segment=Segment.objects.get(pk=segment_id), on=day)
    done = {
        "finished_at": timezone.now(),
        "created": counts.created,
        "kept": counts.kept,
        "moved": counts.moved,
        "cancelled": counts.cancelled,
    }
    _tell_of_overload(timezone.localdate())
    PlanningRun.objects.update_or_create(
        segment_id=segment_id,
        day=day,
        defaults=done,
        create_defaults={**done, "sent_at": timezone.now()},
    )
    return counts


# One line a day for whoever has more than the day holds; a later segment's planning puts it right.
_TELL_OF_OVERLOAD = """
    INSERT INTO staff_notification (employee_id, kind, key, params, url, created_at)
    SELECT employee_id, 'over_capacity', 'over_capacity:' || %(day)s::date || ':' || employee_id,
           jsonb_build_object('count', count(*)), %(url)s, now()
    FROM visits_callback
    WHERE status = 'open' AND due_on = %(day)s AND over_capacity AND employee_id IS NOT NULL
    GROUP BY employee_id
    ON CONFLICT (key) DO UPDATE SET params = EXCLUDED.params
"""


def _tell_of_overload(day: date) -> None:
    url = f"{address('visits:callbacks')}?status=over_capacity"
    with connection.cursor() as cursor:
        cursor.execute(_TELL_OF_OVERLOAD, {"day": day, "url": url})


def note_alive(name: str) -> None:
    """Say that a part of the machinery is alive; the board and the health page read it."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})


def note_dispatch() -> None:
    """Say that dispatch is alive, unless digests that could have gone lie there."""
    if not digests.is_late():
        note_alive("dispatch")


def warn_of_missing_holidays(day: date) -> None:
    """From November on, tell administrators once that next year's closed days are not entered."""
    year = day.year + 1
    if day.month < 11 or Holiday.objects.filter(day__year=year).exists():
        return
    Notification.objects.bulk_create(
        [
            Notification(
                employee=employee,
                kind=Notification.Kind.HOLIDAYS,
                key=f"holidays:{year}:{employee.pk}",
                params={"year": year},
                url=address("admin:crm_holiday_changelist"),
            )
            for employee in Employee.objects.filter(is_superuser=True, is_active=True)
        ],
        ignore_conflicts=True,
    )
