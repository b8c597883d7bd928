"""Work of the night that an administrator starts by hand: tried out first, then run.

Rooms declare what may be run. A trial does the work and takes it back, and answers what would have
happened in counts; the run needs a fresh trial of the same work. Both are jobs (``crm.jobs``), whose
rows say who asked, when, and what came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crm import jobs
from crm.models import Job
from crm.registry import Registry

TEMPLATE = "staff/jobs/job_run.html"
# What was true longer ago may be so no more.
TRIAL_HOLDS = timedelta(hours=1)
# One of all works at a time decides whether it may begin.
LOCK = 715_260_091

Work = Callable[[jobs.Running], Mapping[str, int]]


def _never() -> datetime | None:
    return None


def _nothing() -> str:
    return ""


@dataclass(frozen=True)
class Run:
    """A work that may be started by hand.

    ``trial`` and ``work`` answer numbers by the keys of ``counts``, which names them; a trial leaves
    nothing behind. ``permission``: whoever has it, and administers the firm, may start the work.
    ``last``: when it was last done, by night or by hand. ``refusal``: a sentence why it cannot be
    done now, '' where it can.
    """

    key: str
    label: str | Promise
    about: str | Promise
    permission: str
    counts: Mapping[str, str | Promise]
    trial: Work
    work: Work
    last: Callable[[], datetime | None] = _never
    refusal: Callable[[], str] = _nothing

    @property
    def trial_kind(self) -> str:
        """The kind of the job that tries it out."""
        return f"try.{self.key}"

    @property
    def kind(self) -> str:
        """The kind of the job that does it."""
        return f"run.{self.key}"

    def may(self, employee: Any) -> bool:
        """Whether the employee may start it."""
        allowed = employee.is_active and employee.is_staff and employee.administers_firm
        return bool(allowed and employee.has_perm(self.permission))

    def lines(self, result: Mapping[str, int]) -> list[tuple[str, int]]:
        """The counts of a result with their names, as they are declared."""
        return [(str(name), result[key]) for key, name in self.counts.items() if key in result]


registry: Registry[Run] = Registry("runs")


def register(*runs: Run) -> None:
    """Declare works; called from ``AppConfig.ready``, so twice is once."""
    registry.register(*runs)
    for run in runs:
        jobs.register(run.trial_kind, _handler(run.trial), TEMPLATE)
        jobs.register(run.kind, _handler(run.work), TEMPLATE)


def of_job(kind: str) -> Run | None:
    """The work that a job of this kind does or tries out."""
    word, _dot, key = kind.partition(".")
    return registry.get(key) if word in {"try", "run"} else None


def under_way(run: Run) -> Job | None:
    """The trial or run of it that waits or works."""
    return (
        Job.objects.filter(
            kind__in=[run.trial_kind, run.kind],
            state__in=[Job.State.WAITING, Job.State.RUNNING],
        )
        .select_related("employee")
        .first()
    )


@transaction.atomic
def try_out(*, run: Run, by: Any) -> Job:
    """Start a trial.

    Raises ValidationError where the work cannot be done now, or is under way.
    """
    _check(run)
    title = _("Trial: %(work)s") % {"work": run.label}
    return jobs.start(kind=run.trial_kind, title=title, by=by, options={})


@transaction.atomic
def start(*, run: Run, trial: UUID, by: Any) -> Job:
    """Start the work itself, after a trial of this employee within the last hour.

    Raises ValidationError without one, and as ``try_out`` does.
    """
    _check(run)
    tried = Job.objects.filter(
        public_id=trial,
        kind=run.trial_kind,
        employee=by,
        state=Job.State.DONE,
        finished_at__gte=timezone.now() - TRIAL_HOLDS,
    )
    if not tried.exists():
        raise ValidationError(_("Try it out first: a trial holds for one hour."))
    options = {"trial": str(trial)}
    return jobs.start(kind=run.kind, title=str(run.label), by=by, options=options)


def _check(run: Run) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if refusal := run.refusal():
        raise ValidationError(refusal)
    if (job := under_way(run)) is not None:
        since = formats.date_format(timezone.localtime(job.created_at), "TIME_FORMAT")
        words = _("%(name)s started this at %(time)s and it is not over yet. Wait for its end.")
        raise ValidationError(words % {"name": job.employee, "time": since})


def _handler(work: Work) -> jobs.Handler:
    def handle(running: jobs.Running) -> dict[str, Any]:
        return dict(work(running))

    return handle
