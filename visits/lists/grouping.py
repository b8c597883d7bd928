"""The list of callbacks in groups: by segment, day or week, each a link to just these rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncWeek
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from clients.models import Segment
from crm import trading_days
from visits.models import Callback

BY = {"segment": _("By segment"), "day": _("By day"), "week": _("By week")}
# Numbers on the tabs stop here: a firm has millions, and nobody reads the exact number.
MOST_COUNTED = 999
# Groups on one page, the earliest first.
MOST = 120


@dataclass(frozen=True)
class Group:
    """One segment, day or week with how many callbacks."""

    label: str
    count: int
    late: int
    url: str


def counted(rows: QuerySet[Callback]) -> str:
    """How many there are, up to a limit: "999+"."""
    count = rows.order_by()[: MOST_COUNTED + 1].count()
    return str(count) if count <= MOST_COUNTED else f"{MOST_COUNTED}+"


def groups(rows: QuerySet[Callback], by: str, query: QueryDict) -> list[Group]:
    """The rows of the list in groups; two queries for segments, else one."""
    late = Count("pk", filter=Q(status=Callback.Status.OPEN, due_on__lt=trading_days.today()))
    column = {"segment": "client__segment", "day": "due_on", "week": "week"}[by]
    if by == "week":
        rows = rows.annotate(week=TruncWeek("due_on"))
    found = rows.order_by().values(column).annotate(count=Count("pk"), late=late)
    counts = list(found.values_list(column, "count", "late").order_by(column)[:MOST])
    if by == "segment":
        return _segments(counts, query)
    length = timedelta(days=6 if by == "week" else 0)
    return [
        Group(_period(day, day + length), count, late, _within(query, day, day + length))
        for day, count, late in counts
    ]


def _segments(counts: list[Any], query: QueryDict) -> list[Group]:
    numbers = {key: (count, late) for key, count, late in counts}
    segments = Segment.objects.filter(pk__in=numbers).order_by("tier", "pk")
    return [
        Group(str(segment), *numbers[segment.pk], _with(query, segment=str(segment.pk)))
        for segment in segments
    ]


def _period(first: date, last: date) -> str:
    if first == last:
        return f"{date_format(first, 'DATE_FORMAT')} {date_format(first, 'l')}"
    return f"{date_format(first, 'DATE_FORMAT')} – {date_format(last, 'MONTH_DAY_FORMAT')}"


def _within(query: QueryDict, first: date, last: date) -> str:
    """The list of these days, within the dates that were asked for already."""
    column = "done" if query.get("status") == Callback.Status.DONE else "due"
    start, end = query.get(f"{column}_from", ""), query.get(f"{column}_to", "")
    days = {
        "due_from": max(first.isoformat(), start if column == "due" else ""),
        "due_to": min(last.isoformat(), end or "9999") if column == "due" else last.isoformat(),
    }
    return _with(query, **days)


def _with(query: QueryDict, **changes: str) -> str:
    changed = query.copy()
    for name in ("cursor", "by"):
        changed.pop(name, None)
    for name, value in changes.items():
        changed[name] = value
    return f"?{changed.urlencode()}"
