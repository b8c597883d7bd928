"""Return visits of the demo: a visitor named, last year's end frozen, some visits made."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta

from django.utils import timezone

from compliance.models import ReturnVisit
from compliance.planning import planner
from compliance.return_visits import services as return_visits
from compliance.return_visits.selectors import script_in_force
from compliance.visitors import services as visitors
from crm.trading_days import between, today
from staff.models import Employee
from visits.models import Outcome, ScriptStep

# One is accepted, one waits for its review, one opened an exception case.
MADE = 3
# The question of the shipped script whose answer opened it.
EXAMINED = "他人操作"


def plan_return_visits() -> None:
    """Operations of the first branch make them, the head office's compliance officer reviews."""
    people = {person.username: person for person in Employee.objects.select_related("branch")}
    visitor, officer = people.get("operations"), people.get("compliance")
    if visitor is None or officer is None or visitor.branch is None:
        return
    visitors.name(employee=visitor, branch=visitor.branch, by=officer)
    planner.freeze(today().year - 1)
    planner.plan()
    given = ReturnVisit.objects.filter(callback__employee=visitor, callback__status="open")
    for place, row in enumerate(given.order_by("callback__due_on", "callback__client")[:MADE]):
        _make(row, visitor, examined=place == MADE - 1)
        if place == 0:
            return_visits.review(return_visit=row, by=officer, accept=True, words="")


def _make(row: ReturnVisit, visitor: Employee, *, examined: bool) -> None:
    version = script_in_force()
    if version is None:
        return
    day = between(today() - timedelta(days=30), today() - timedelta(days=1))[-1]
    asked = [step for step in version.steps.all() if step.answer == ScriptStep.Answer.CHOICE]
    answers = [_answer(step, examined=examined and step.title_zh == EXAMINED) for step in asked]
    return_visits.record(
        return_visit=row,
        by=visitor,
        token=uuid.uuid4(),
        outcome=Outcome.objects.get(key="talked"),
        channel="phone",
        occurred_at=timezone.make_aware(datetime.combine(day, time(10, 20))),
        script_version=version,
        answers=answers,
        findings=[one for one in answers if examined and one["step"] == EXAMINED],
        notes="客户表示代其操作账户的是家人，待核实。" if examined else "",
    )


def _answer(step: ScriptStep, *, examined: bool) -> dict[str, str]:
    harmless = next((one for one in step.options_zh if one not in step.flags), "")
    said = step.flags[0] if examined and step.flags else harmless
    return {"step": step.title_zh, "prompt": step.prompt_zh, "answer": said}
