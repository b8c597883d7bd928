"""Return visits and the year's end started by hand: tried out and taken back, then done."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.models import YearEnd
from compliance.planning import nightly, planner
from crm import trading_days
from crm.jobs import Running
from crm.models import Heartbeat
from crm.runs import Run


@transaction.atomic
def try_plan(_running: Running) -> dict[str, int]:
    """What planning of return visits would change; done and taken back."""
    counts = planner.plan()
    transaction.set_rollback(True)
    return asdict(counts)


def plan(_running: Running) -> dict[str, int]:
    """Plan return visits now."""
    return asdict(planner.plan())


def planned_at() -> datetime | None:
    """When the night last planned them."""
    row = Heartbeat.objects.filter(name=nightly.NAME).first()
    return row.beat_at if row else None


def _year() -> int:
    return trading_days.today().year - 1


def _frozen(made: YearEnd) -> dict[str, int]:
    left_out = made.clients.exclude(left_out="").count()
    return {"year": made.year, "counted": made.clients.count() - left_out, "left_out": left_out}


@transaction.atomic
def try_freeze(_running: Running) -> dict[str, int]:
    """Which clients would be frozen, in counts; done and taken back."""
    counts = _frozen(planner.freeze(_year()))
    transaction.set_rollback(True)
    return counts


def freeze(_running: Running) -> dict[str, int]:
    """Freeze the clients of last year's end."""
    return _frozen(planner.freeze(_year()))


def frozen_at() -> datetime | None:
    """When a year's end was last frozen."""
    row = YearEnd.objects.order_by("-year").first()
    return row.made_at if row else None


def is_frozen() -> str:
    """Why last year's end cannot be frozen: it is; '' where it is not."""
    if not YearEnd.objects.filter(year=_year()).exists():
        return ""
    return _("The clients of the end of %(year)s are frozen already.") % {"year": _year()}


RUNS = (
    Run(
        key="return-visits",
        label=gettext_lazy("Plan return visits"),
        about=gettext_lazy("Return visits that the rules ask for are planned and given out now."),
        permission="compliance.add_returnvisit",
        counts={
            "planned": gettext_lazy("return visits planned"),
            "released": gettext_lazy("return visits taken from whoever may not make them"),
            "given": gettext_lazy("return visits given out"),
        },
        trial=try_plan,
        work=plan,
        last=planned_at,
    ),
    Run(
        key="year-end",
        label=gettext_lazy("Freeze the year's end"),
        about=gettext_lazy(
            "Keeps the clients as they stand now as those of the end of last year: the base of the"
            " yearly return visits. Once for each year, and never changed."
        ),
        permission="compliance.add_yearend",
        counts={
            "year": gettext_lazy("year"),
            "counted": gettext_lazy("clients that count"),
            "left_out": gettext_lazy("clients left out"),
        },
        trial=try_freeze,
        work=freeze,
        last=frozen_at,
        refusal=is_frozen,
    ),
)
