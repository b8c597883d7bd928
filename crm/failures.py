"""What went wrong lately: silent parts of the machinery, failed jobs, failing tasks of each minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from crm import periodic
from crm.models import Heartbeat, Job, TickRun

# A failure that nobody took up in this time is history.
FAILED_WITHIN = timedelta(days=7)
MOST_FAILED = 20


@dataclass(frozen=True)
class Silent:
    """A part of the machinery without a sign of life; ``None`` for never."""

    sentence: str
    seen_at: datetime | None


def silent_parts() -> list[Silent]:
    """Parts whose silence is told to administrators, the likeliest cause first."""
    watched = periodic.alarmed()
    names = [part.key for part in watched]
    seen = dict(Heartbeat.objects.filter(name__in=names).values_list("name", "beat_at"))
    now = timezone.now()
    return [
        Silent(str(part.silent), seen.get(part.key))
        for part in watched
        if part.key not in seen or not part.is_alive(seen[part.key], now)
    ]


def failed_jobs() -> list[Job]:
    """Jobs of everybody that failed lately, the newest first."""
    since = timezone.now() - FAILED_WITHIN
    rows = Job.objects.filter(state=Job.State.FAILED, finished_at__gte=since)
    return list(rows.select_related("employee").order_by("-id")[:MOST_FAILED])


def count() -> int:
    """How much of it went wrong, for the start page of the administration."""
    failing = TickRun.objects.exclude(error="").filter(name__in=[t.key for t in periodic.ticks])
    return len(silent_parts()) + len(failed_jobs()) + failing.count()
