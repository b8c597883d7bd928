"""The nightly planning of each segment, once per business date, and what is watched beside it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone

from clients.models import Segment
from crm import periodic, trading_days
from crm.leases import lost, sweep
from staff.middleware import system_work
from staff.models import Employee
from staff.notifications.services import Line, notify
from visits.models import PlanningRun
from visits.notifications.kinds import HOLIDAYS, OVER_CAPACITY
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


def start_due_runs(now: datetime | None = None) -> list[tuple[int, date]]:
    """Segments to plan for this business date that have not run; each is given out once."""
    now = now or timezone.now()
    late = PlanningRun.objects.filter(
        day=timezone.localdate(now), finished_at=None, started_at__lte=now - RESEND_AFTER
    )
    if not late.exists():
        periodic.note_alive("planning")
    local = timezone.localtime(now)
    if local.time() < NIGHTLY_AT:
        return []
    warn_of_missing_holidays(local.date())
    return _rows(_START, {"now": now, "day": local.date()})


def stale_runs(now: datetime | None = None) -> list[tuple[int, date]]:
    """Today's runs that a dead worker left; marked as handed out again."""
    now = now or timezone.now()
    with system_work():
        # Runs of a clock that ran ahead never were: they are started when their time comes.
        PlanningRun.objects.filter(started_at__gt=now + RESEND_AFTER).delete()
        rows = PlanningRun.objects.filter(
            lost("sent_at", now, RESEND_AFTER), finished_at=None, day=timezone.localdate(now)
        )
        return [(segment, day) for segment, day in sweep(rows, now, columns=("segment_id", "day"))]


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
_OVERLOADED = """
    SELECT employee_id, count(*) FROM visits_callback
    WHERE status = 'open' AND due_on = %(day)s AND over_capacity AND employee_id IS NOT NULL
    GROUP BY employee_id ORDER BY employee_id
"""


def _tell_of_overload(day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_OVERLOADED, {"day": day})
        counts = cursor.fetchall()
    lines = [Line(pk, f"over_capacity:{day}:{pk}", {"count": count}) for pk, count in counts]
    notify(OVER_CAPACITY, lines, renew=True)


def warn_of_missing_holidays(day: date) -> None:
    """Notify administrators once a month of years that are planned by a provisional calendar.

    Of next year from November on, when the exchanges publish its closed days.
    """
    years = [day.year, day.year + 1] if day.month >= 11 else [day.year]
    people = Employee.objects.filter(is_superuser=True, is_active=True).values_list("pk", flat=True)
    notify(
        HOLIDAYS,
        [
            Line(pk, f"holidays:{year}:{day:%Y-%m}:{pk}", {"year": year})
            for year in trading_days.provisional_years(years)
            for pk in people
        ],
    )
