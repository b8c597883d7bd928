"""Today tells a head what waits for a decision, and nobody else."""

from typing import Any

import pytest
from django.utils import timezone

from clients.models import ClientExport, HandOver
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse

pytestmark = pytest.mark.django_db


def asked(origin: Employee, by: Employee, **values: Any) -> HandOver:
    return HandOver.objects.create(
        origin=origin, asked_by=by, effective_on=today(), reason="调岗", **values
    )


def waiting(browse: Browse, viewer: Employee) -> list[tuple[str, int, str]]:
    """Title, number and address of each line of the panel."""
    answer = browse(viewer).get("/today/")
    [panel] = [p for p in answer.context["panels"] if p["key"] == "clients.decisions"]
    return list(panel["waiting"])


def test_a_head_sees_what_waits_and_where(
    browse: Browse, manager: Employee, colleague: Employee, stranger: Employee, head: Employee
) -> None:
    assert waiting(browse, head) == []
    one = asked(manager, colleague)
    asked(stranger, stranger)  # of another branch
    asked(manager, manager, state=HandOver.State.REFUSED)
    assert [(n, url) for _title, n, url in waiting(browse, head)] == [(1, one.get_absolute_url())]
    asked(colleague, manager)
    ClientExport.objects.create(
        employee=manager,
        branch=head.branch,
        state="waiting",
        asked_at=timezone.now(),
        row_count=9,
        reason="年审",
    )
    lines = waiting(browse, head)
    assert [(n, url) for _title, n, url in lines] == [(2, "/hand-overs/"), (1, "/exports/")]
    browser = browse(head)
    for _title, _n, url in lines:
        assert browser.get(url).status_code == 200


def test_whoever_decides_nothing_is_asked_nothing(
    browse: Browse, manager: Employee, colleague: Employee
) -> None:
    asked(manager, colleague)
    assert waiting(browse, manager) == []
