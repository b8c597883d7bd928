"""Making an assessment of an opportunity (D-10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction

from crm.trading_days import today
from pipeline.models import Assessment, AssessmentKind, Opportunity
from pipeline.models.assessment import QUESTIONS, checked_answers
from pipeline.opportunities.services import ChangedMeanwhile, locked, refuse_closed, save
from staff.models import Employee
from visits.scripts import banned_phrases


@transaction.atomic
def assess(
    *, opportunity: Opportunity, which: str, answers: Mapping[str, Any], version: int, by: Employee
) -> Assessment:
    """Save the answers as the next version of the assessment ``which``.

    ``version`` is that of the assessment which ``by`` had read, 0 for none. A form posted twice is
    one assessment. The first capital named becomes the expected amount where there is none.
    Raises ChangedMeanwhile where somebody else was faster, ValidationError for a closed
    opportunity, answers that are missing or wrong, and a strategy that promises what is banned.
    """
    row = locked(opportunity)
    last = Assessment.objects.filter(opportunity=row, which=which).order_by("-version").first()
    kept = checked_answers(which, answers)
    held = last.version if last else 0
    if last is not None and (last.answers, last.by_id) == (kept, by.pk) and version <= held:
        return last
    if held != version:
        raise ChangedMeanwhile
    refuse_closed(row)
    if which == AssessmentKind.STRATEGY:
        banned_phrases.refuse(_texts(kept), banned_phrases.in_force(row.client.branch))
    made = Assessment.objects.create(
        opportunity=row, which=which, version=held + 1, answers=kept, by=by, on=today()
    )
    if which == AssessmentKind.VALUE and row.amount is None:
        row.amount = Decimal(kept["capital"])
        save(row, by)
    return made


def _texts(answers: dict[str, str]) -> Iterable[str]:
    free = (q.key for q in QUESTIONS[AssessmentKind.STRATEGY] if q.choices is None)
    return [answers[key] for key in free]


def latest(opportunity: Opportunity) -> dict[str, Assessment]:
    """The assessment in force of each sort that was made; one statement."""
    rows = Assessment.objects.filter(opportunity=opportunity).select_related("by")
    return {row.which: row for row in rows.order_by("version")}
