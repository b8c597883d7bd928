"""Effectiveness: satisfaction, and success by purpose, attraction style and question.

Shares always stand beside their counts, by the rule for small samples. Confidential entries are not
in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg, CharField, Count, F, Func, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from crm import trading_days
from crm.shares import Share
from staff.models import Employee
from visits.models import AttractionStyle, NextStep, Purpose, QuestionStyle, Visit

# How far back one looks where nobody says otherwise, in days.
PERIOD = 90
LEADS_ON = (NextStep.MEET, NextStep.OPEN_ACCOUNT)


@dataclass(frozen=True)
class EffectivenessRow:
    """One purpose, style or kind of question: own contacts, and those of the branch."""

    label: str
    made: int
    own: Share
    branch: Share | None


@dataclass(frozen=True)
class Month:
    """Satisfaction of a month (1 to 5), with the number of answers."""

    month: date
    made: int
    reached: int
    service: float | None
    rated_service: int
    information: float | None
    rated_information: int


def since() -> date:
    """Default first day of the period."""
    return trading_days.today() - timedelta(days=PERIOD)


def own(rows: QuerySet[Visit], viewer: Employee) -> QuerySet[Visit]:
    """Narrow visible visits to the viewer's own, for employees who supervise nobody."""
    rows = rows.filter(void=False, confidential=False)
    return rows.filter(employee=viewer) if viewer.branch_scope == [] else rows


def of_branch(viewer: Employee) -> QuerySet[Visit] | None:
    """Entries of everybody of the viewer's branch, for counting alone; ``None`` for heads."""
    if viewer.branch_scope != [] or viewer.branch_id is None:
        return None
    return Visit.objects.filter(void=False, confidential=False, employee__branch=viewer.branch_id)


def tables(
    rows: QuerySet[Visit], branch: QuerySet[Visit] | None, enough: int
) -> list[tuple[str, list[EffectivenessRow]]]:
    """Results by purpose, attraction style and kind of question; shares from ``enough`` on."""
    kinds = Func(F("question_styles"), function="unnest", output_field=CharField())
    parts: list[tuple[str, Any, Any]] = [
        (_("Purpose"), F("purpose"), Purpose.choices),
        (_("Attraction style"), F("attraction_style"), AttractionStyle.choices),
        (_("Kind of question"), kinds, QuestionStyle.choices),
    ]
    return [(title, _lines(rows, branch, what, choices, enough)) for title, what, choices in parts]


def _lines(
    rows: QuerySet[Visit], branch: QuerySet[Visit] | None, what: Any, choices: Any, enough: int
) -> list[EffectivenessRow]:
    mine, theirs = _counted(rows, what), _counted(branch, what) if branch is not None else None
    nothing = (0, 0, 0)
    made = []
    for key, label in choices:
        count, reached, led = mine.get(key, nothing)
        beside = theirs.get(key, nothing) if theirs is not None else None
        made.append(
            EffectivenessRow(
                str(label),
                count,
                Share(reached, led, enough),
                Share(*beside[1:], enough) if beside else None,
            )
        )
    return made


def _counted(rows: QuerySet[Visit], what: Any) -> dict[str, tuple[int, int, int]]:
    # A subquery: rows may come with an order and joins that would join the grouping.
    keys = Visit.objects.filter(pk__in=rows.order_by().values("pk")).order_by()
    grouped = keys.annotate(what=what).values("what")
    counted = grouped.annotate(
        made=Count("pk"),
        met=Count("pk", filter=Q(reached=True)),
        led=Count("pk", filter=Q(reached=True, next_step__in=LEADS_ON)),
    )
    return {
        key: (made, met, led)
        for key, made, met, led in counted.values_list("what", "made", "met", "led")
    }


def months(rows: QuerySet[Visit]) -> list[Month]:
    """Satisfaction by month, the newest first."""
    grouped = rows.order_by().annotate(month=TruncMonth("occurred_on")).values("month")
    counted = grouped.annotate(
        made=Count("pk"),
        met=Count("pk", filter=Q(reached=True)),
        service=Avg("satisfaction_service"),
        rated_service=Count("satisfaction_service"),
        information=Avg("satisfaction_information"),
        rated_information=Count("satisfaction_information"),
    ).order_by("-month")
    return [
        Month(
            month=row["month"],
            made=row["made"],
            reached=row["met"],
            service=row["service"],
            rated_service=row["rated_service"],
            information=row["information"],
            rated_information=row["rated_information"],
        )
        for row in counted
    ]
