"""Planning of return visits: insert those that the rules require, once, and assign visitors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from compliance.models import YearEnd
from compliance.notification_kinds import RETURN_VISITS
from compliance.planning import statements
from compliance.planning.policies import ASSETS_OVER, EXTRA_DAYS, FLOW_OVER, YEARLY_PERCENT
from crm import trading_days
from crm.addresses import address
from crm.statistics import analyze
from staff.notifications.services import Line, notify
from staff.policies import by_branch
from visits.planning.policies import WINDOW_MONTHS

# Runs exclude each other: two would choose the yearly sample twice.
LOCK = 715_260_077
# What happened longer ago is no reason any more: longer than any outage, shorter than history.
KNOWN = timedelta(days=92)
# Figures of older months are no news.
NEWS = timedelta(days=92)
_TABLES = "compliance_numbers, compliance_days, compliance_wanted"
# The policies by the names that the SQL has for them.
_NUMBERS = {
    "months": WINDOW_MONTHS,
    "percent": YEARLY_PERCENT,
    "days": EXTRA_DAYS,
    "assets": ASSETS_OVER,
    "flow": FLOW_OVER,
}


@dataclass(frozen=True)
class Counts:
    """Numbers of return visits that a run planned, released and assigned."""

    planned: int = 0
    released: int = 0
    given: int = 0


@transaction.atomic
def plan(on: date | None = None) -> Counts:
    """Insert the return visits that the rules ask for and the table lacks, and give them out.

    A second run on unchanged state changes nothing. ``on`` is the business date, today by default.
    """
    day = on or trading_days.today()
    parameters = _parameters(day)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(f"DROP TABLE IF EXISTS {_TABLES}")
        cursor.execute(statements.NUMBERS, parameters)
        cursor.execute(statements.DAYS, parameters)
        cursor.execute(statements.WANTED, parameters)
        cursor.execute(statements.YEARLY, parameters)
        cursor.execute("ANALYZE compliance_wanted")
        cursor.execute(statements.INSERT, parameters)
        planned = cursor.fetchone()[0]
        cursor.execute(statements.KEEP, parameters)
        join()
        cursor.execute(statements.RELEASE, parameters)
        released = cursor.rowcount
        cursor.execute(statements.GIVE, {**parameters, "callback": None})
        given = cursor.rowcount
        cursor.execute(f"DROP TABLE {_TABLES}")
    return Counts(planned=planned, released=released, given=given)


def join(clients: list[int] | None = None) -> None:
    """Make one contact of the open return visits of one client and day; of all clients by default."""
    with connection.cursor() as cursor:
        cursor.execute(statements.JOIN, {"clients": clients})
        cursor.execute(statements.FOLLOW)


def part(clients: list[int]) -> None:
    """Take such contacts of these clients apart again."""
    with connection.cursor() as cursor:
        cursor.execute(statements.PART, {"clients": clients})


def give(callback_id: int) -> None:
    """Find a visitor for one return visit that has none."""
    with connection.cursor() as cursor:
        cursor.execute(statements.GIVE, {"today": trading_days.today(), "callback": callback_id})


def tell(day: date) -> None:
    """Notify employees with return visits due, and officers of unassigned ones.

    Once a day however often it runs.
    """
    url = address("compliance:visits")
    with connection.cursor() as cursor:
        cursor.execute(statements.DUE, {"today": day})
        due = cursor.fetchall()
        cursor.execute(statements.WAITING, {"today": day})
        waiting = cursor.fetchall()
    own = f"{url}?mine=1"
    lines = [
        Line(pk, f"return_visits:{day}:{pk}", {"due": today, "overdue": late}, own)
        for pk, today, late in due
    ]
    lines += [
        Line(
            pk,
            f"return_visits_of_all:{day}:{pk}",
            {"unassigned": unassigned, "overdue": late, "review": review},
        )
        for pk, unassigned, late, review in waiting
    ]
    notify(RETURN_VISITS, lines)


def _parameters(day: date) -> dict[str, Any]:
    return {
        "today": day,
        "zone": settings.TIME_ZONE,
        "year": day.year,
        **by_branch(_NUMBERS, on=day),
        "known": day - KNOWN,
        "recent": (day - NEWS).replace(day=1),
        "days": trading_days.between(day, date(day.year + 1, 12, 31)),
    }


@transaction.atomic
def freeze(year: int) -> YearEnd:
    """Save the present clients as those of the end of ``year``; done once, never changed.

    Raises ValidationError for a year that has not ended or was frozen before.
    """
    if year >= trading_days.today().year or year < 2000:
        raise ValidationError(_("Only a year that has ended can be frozen."))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if YearEnd.objects.filter(year=year).exists():
            raise ValidationError(_("The clients of this year's end are frozen already."))
        made = YearEnd.objects.create(year=year)
        cursor.execute(statements.FREEZE, {"year_end": made.pk, "ends_on": date(year, 12, 31)})
    analyze(made.clients.model)
    return made


def freeze_when_due(day: date) -> YearEnd | None:
    """Freeze the last year's end in January, or late where earlier years are frozen.

    The first year of an installation that began in mid-year is frozen by command alone: what is
    there now is not what was there at its end.
    """
    years = set(YearEnd.objects.values_list("year", flat=True))
    if day.year - 1 in years or (day.month > 1 and not years):
        return None
    return freeze(day.year - 1)
