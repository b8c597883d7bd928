"""The period of a page, read from its address; by default this year until today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from crm.trading_days import today

# Years that a page is asked for.
YEARS = range(2000, 2101)


@dataclass(frozen=True)
class Period:
    """Two days, both included."""

    since: date
    until: date

    @property
    def query(self) -> str:
        """The period as parameters of a link."""
        return f"from={self.since.isoformat()}&to={self.until.isoformat()}"


def period_of(query: QueryDict) -> Period:
    """Raises Http404 with a sentence for invalid dates, or an end before the start."""
    day = today()
    since, until = _day(query.get("from", "")), _day(query.get("to", ""))
    until = until or max(day, since or day)
    since = since or until.replace(month=1, day=1)
    if since > until:
        raise Http404(_("The end lies before the start."))
    return Period(since, until)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # At the ends of the calendar there is no day before or after to reckon with.
    if day is None or day.year not in YEARS:
        raise Http404(_("Write the date as 2026-01-31."))
    return day
