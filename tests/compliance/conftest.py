"""The cast of return visits: Mei of operations makes them, Chen of compliance reviews."""

from collections.abc import Callable
from typing import Any

import pytest

from clients.models import Client
from compliance.models import ReturnVisit
from compliance.return_visits.selectors import script_in_force
from compliance.return_visits.services import plan_by_hand, record
from compliance.visitors import services as visitors
from crm.trading_days import today
from staff.models import Branch, Employee, Role
from tests.factories import EmployeeFactory
from visits.models import Outcome, ScriptStep, Visit

Made = Callable[..., Visit]


@pytest.fixture
def mei(branch: Branch, compliance: Employee) -> Employee:
    """Of operations, named to make the branch's return visits."""
    person = EmployeeFactory(full_name="梅兰", branch=branch, role=Role.OPERATIONS)
    visitors.name(employee=person, branch=branch, by=compliance)
    return Employee.objects.get(pk=person.pk)


@pytest.fixture
def planned(zhang: Client, mei: Employee, compliance: Employee) -> ReturnVisit:
    """A return visit to Zhang, Mei's to make."""
    import uuid

    return plan_by_hand(
        client=zhang, due_on=today(), words="异常交易", by=compliance, token=uuid.uuid4()
    )


def steps() -> list[ScriptStep]:
    version = script_in_force()
    assert version is not None
    return [step for step in version.steps.all() if step.answer == "choice"]


def posted(*examined: str, outcome: str = "talked", **more: Any) -> dict[str, Any]:
    """A form filled in; ``examined`` are titles of questions answered so that a case opens."""
    import uuid

    data: dict[str, Any] = {
        "token": str(uuid.uuid4()),
        "version": str(steps()[0].version_id),
        "outcome": str(Outcome.objects.get(key=outcome).pk),
        "channel": "phone",
        "notes": "",
    }
    for step in steps():
        harmless = next(one for one in step.options_zh if one not in step.flags)
        data[f"answer_{step.pk}"] = step.flags[0] if step.title_zh in examined else harmless
    return {**data, **more}


def made(return_visit: ReturnVisit, by: Employee, *examined: str, outcome: str = "talked") -> Visit:
    """The visit, through the service."""
    import uuid

    findings = [
        {"step": step.title_zh, "prompt": step.prompt_zh, "answer": step.flags[0]}
        for step in steps()
        if step.title_zh in examined
    ]
    return record(
        return_visit=ReturnVisit.objects.get(pk=return_visit.pk),
        by=by,
        token=uuid.uuid4(),
        outcome=Outcome.objects.get(key=outcome),
        channel="phone",
        findings=findings,
        answers=findings,
        notes="仅供合规",
    )
