"""Planning of callbacks started by hand: tried out and taken back, then done, segment by segment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from clients.models import Segment
from crm import trading_days
from crm.jobs import Running
from crm.runs import Run
from crm.statistics import analyze
from visits.models import Callback, PlanningRun
from visits.planning import nightly
from visits.planning.planner import Counts, plan_callbacks


def trial(running: Running) -> Counter[str]:
    """What planning would change today; each segment is planned and taken back."""
    return _each_segment(running, _taken_back)


def work(running: Running) -> Counter[str]:
    """Plan all segments for today, as the night does; its runs show the counts."""
    found = _each_segment(running, _planned)
    if found["created"] + found["moved"] + found["cancelled"]:
        analyze(Callback)
    return found


def last() -> datetime | None:
    """When a planning last ended."""
    at: datetime | None = PlanningRun.objects.aggregate(at=Max("finished_at"))["at"]
    return at


def _each_segment(running: Running, plan: Callable[[Segment], Counts]) -> Counter[str]:
    found: Counter[str] = Counter(created=0, kept=0, moved=0, cancelled=0)
    segments = list(Segment.objects.order_by("pk"))
    for done, segment in enumerate(segments, 1):
        found.update(asdict(plan(segment)))
        running.progress(done, len(segments))
    return found


def _taken_back(segment: Segment) -> Counts:
    with transaction.atomic():
        counts = plan_callbacks(segment=segment)
        transaction.set_rollback(True)
    return counts


def _planned(segment: Segment) -> Counts:
    return nightly.plan(segment_id=segment.pk, day=trading_days.today())


RUN = Run(
    key="planning",
    label=_("Plan callbacks"),
    about=_("Callbacks follow segments, plans and absences as they are now, instead of tonight."),
    permission="visits.add_planningrun",
    counts={
        "created": _("callbacks made"),
        "moved": _("callbacks moved"),
        "cancelled": _("callbacks cancelled"),
        "kept": _("callbacks left as they are"),
    },
    trial=trial,
    work=work,
    last=last,
)
