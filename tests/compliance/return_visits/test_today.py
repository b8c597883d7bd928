"""Beside Today: the return visits that one is to make; no question is asked for anybody else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.models import ReturnVisit
from compliance.visitors import services as visitors
from crm.trading_days import today
from staff.models import Branch, Employee
from tests.cast import Browse
from visits.models import Callback

pytestmark = pytest.mark.django_db
MINE = "/compliance/visits/?mine=1"


def panel(employee: Employee, browse: Browse) -> dict[str, object]:
    shown = browse(employee).get("/today/").context["panels"]
    return next(one for one in shown if one["key"] == "compliance")


def test_it_counts_what_is_due_and_overdue(
    planned: ReturnVisit, mei: Employee, browse: Browse
) -> None:
    Callback.objects.filter(pk=planned.callback_id).update(due_on=today())
    assert (panel(mei, browse)["due"], panel(mei, browse)["late"]) == (1, 0)
    assert f'href="{MINE}"' in browse(mei).get("/today/").content.decode()
    Callback.objects.filter(pk=planned.callback_id).update(due_on=today() - timedelta(days=1))
    found = panel(mei, browse)
    assert (found["due"], found["late"]) == (0, 1)
    # The list behind the figure is as long.
    listed = browse(mei).get(str(found["url"]))
    assert len(listed.context["page"].items) == 1


def test_a_manager_who_makes_none_is_asked_nothing(
    planned: ReturnVisit, colleague: Employee, branch: Branch, compliance: Employee, browse: Browse
) -> None:
    browser = browse(colleague)
    browser.get("/today/")
    with CaptureQueriesContext(connection) as queries:
        assert MINE not in browser.get("/today/").content.decode()
    assert not [q for q in queries if "compliance_returnvisit" in q["sql"]]
    # A manager may be named, too.
    visitors.name(employee=colleague, branch=branch, by=compliance)
    assert MINE in browser.get("/today/").content.decode()
