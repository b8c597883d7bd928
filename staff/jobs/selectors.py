"""How the machinery fares: silent parts, failed jobs, works to be started, tasks of each minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from crm import periodic, runs
from crm.models import Job, TickRun
from staff.models import Employee

# A tick may work for some minutes; what has not ended for longer is stuck, or beat is.
TICK_LATE_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class WorkLine:
    """A work that may be started by hand, and what became of it the last time somebody did."""

    run: runs.Run
    done_at: datetime | None
    job: Job | None
    refusal: str


@dataclass(frozen=True)
class TickLine:
    """A task of each minute; ``error`` is the kind of error of its last run, '' where it ended well."""

    label: str
    ran_at: datetime | None
    failed_at: datetime | None
    error: str
    late: bool

    @property
    def state(self) -> str:
        """In a word."""
        if self.error:
            return _("Failed")
        if self.ran_at is None:
            return _("Not run yet")
        return _("Overdue") if self.late else _("In order")

    @property
    def tone(self) -> str:
        """The look of the word."""
        if self.error:
            return "late"
        if self.ran_at is None:
            return "muted"
        return "warn" if self.late else "ok"


def may_look(employee: Employee) -> bool:
    """Those who administer the firm see how the machinery fares."""
    return employee.is_active and employee.is_staff and employee.administers_firm


def works(employee: Employee) -> list[WorkLine]:
    """What the employee may start, each with its last job."""
    offered = [run for run in runs.registry if run.may(employee)]
    kinds = [kind for run in offered for kind in (run.kind, run.trial_kind)]
    latest = Job.objects.filter(kind__in=kinds).order_by("kind", "-id").distinct("kind")
    jobs = {job.kind: job for job in latest.select_related("employee")}
    return [
        WorkLine(
            run, run.last(), _last(jobs.get(run.kind), jobs.get(run.trial_kind)), run.refusal()
        )
        for run in offered
    ]


def _last(run: Job | None, trial: Job | None) -> Job | None:
    """The run, or a trial that is under way."""
    return trial if trial is not None and not trial.is_over else run


def ticks() -> list[TickLine]:
    """What beat starts each minute, what failed first."""
    rows = TickRun.objects.in_bulk()
    now = timezone.now()
    lines = [_tick(tick, rows.get(tick.key), now) for tick in periodic.ticks]
    return sorted(lines, key=lambda line: (not line.error, not line.late))


def _tick(tick: periodic.Tick, row: TickRun | None, now: datetime) -> TickLine:
    if row is None:
        return TickLine(str(tick.label), None, None, "", late=False)
    late = row.ran_at is None or row.ran_at < now - TICK_LATE_AFTER
    return TickLine(str(tick.label), row.ran_at, row.failed_at, row.error, late=late)
