"""The time for new accounts counts every account opened in the year, planned for or not."""

import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from compliance.coverage import selectors
from compliance.models import ReturnVisit
from compliance.return_visits import services as return_visits
from staff.models import Employee, Policy
from tests.cast import Browse
from tests.compliance.conftest import made
from tests.factories import ClientFactory
from visits.models import Callback

pytestmark = pytest.mark.django_db
PAGE = "/compliance/coverage/2026/new-accounts/"
OPENED = date(2026, 5, 20)


@pytest.fixture(autouse=True)
def _august(zhang: Client, zhou: Client) -> object:
    """In August: the month of an account of May has passed."""
    Client.objects.exclude(opened_on=None).update(opened_on=date(2020, 1, 6))
    with time_machine.travel(datetime(2026, 8, 3, 14, 0, tzinfo=ZoneInfo("Asia/Shanghai"))):
        yield


def figures(viewer: Employee) -> tuple[int, int, int]:
    """Opened, accepted, not visited in time."""
    lines = selectors.coverage(viewer, 2026)
    return (
        sum(line.opened.value for line in lines),
        sum(line.opened_covered.value for line in lines),
        sum(line.opened_breach.value for line in lines),
    )


def visited(client: Client, on: date, by: Employee, officer: Employee) -> ReturnVisit:
    """A visit planned by hand, as if it had been made on a day."""
    row = return_visits.plan_by_hand(
        client=client, due_on=date(2026, 8, 3), words="新开户", by=officer, token=uuid.uuid4()
    )
    made(row, by)
    ReturnVisit.objects.filter(pk=row.pk).update(visited_on=on)
    return ReturnVisit.objects.get(pk=row.pk)


def test_an_account_for_which_nothing_was_planned_is_a_breach(
    zhang: Client, manager: Employee, mei: Employee, compliance: Employee, browse: Browse
) -> None:
    assert figures(compliance) == (0, 0, 0)
    Client.objects.filter(pk=zhang.pk).update(opened_on=OPENED)
    assert not ReturnVisit.objects.exists()
    assert figures(compliance) == (1, 0, 1)
    # Closing it does not undo that nobody came; opened last year it is of that year.
    Client.objects.filter(pk=zhang.pk).update(lifecycle="closed")
    assert figures(compliance) == (1, 0, 1)
    ClientFactory(manager=manager, opened_on=date(2025, 12, 31))
    assert figures(compliance) == (1, 0, 1)
    text = browse(compliance).get(PAGE, {"share": "breach"}).content.decode()
    assert zhang.name in text
    assert "未安排回访" in text


def test_while_its_time_runs_it_is_none(zhang: Client, compliance: Employee) -> None:
    Client.objects.filter(pk=zhang.pk).update(opened_on=date(2026, 7, 20))
    assert figures(compliance) == (1, 0, 0)
    Client.objects.filter(pk=zhang.pk).update(opened_on=OPENED)
    Policy.objects.filter(key="new_account_window_months").update(value=3)
    assert figures(compliance) == (1, 0, 0)


def test_a_visit_in_time_counts_whatever_its_reason(
    zhang: Client, mei: Employee, compliance: Employee
) -> None:
    Client.objects.filter(pk=zhang.pk).update(opened_on=OPENED)
    row = visited(zhang, date(2026, 6, 8), mei, compliance)
    assert figures(compliance) == (1, 0, 0)
    return_visits.review(return_visit=row, by=compliance, accept=True, words="")
    assert figures(compliance) == (1, 1, 0)


def test_a_visit_after_it_comes_too_late(
    zhang: Client, mei: Employee, compliance: Employee
) -> None:
    Client.objects.filter(pk=zhang.pk).update(opened_on=OPENED)
    row = visited(zhang, date(2026, 7, 1), mei, compliance)
    ReturnVisit.objects.filter(pk=row.pk).update(reason="new_account")
    assert figures(compliance) == (1, 0, 1)
    return_visits.review(return_visit=row, by=compliance, accept=True, words="")
    assert figures(compliance) == (1, 1, 1)


def test_one_planned_and_not_made_is_in_the_list_with_its_day(
    zhang: Client, mei: Employee, compliance: Employee, browse: Browse
) -> None:
    Client.objects.filter(pk=zhang.pk).update(opened_on=OPENED)
    row = return_visits.plan_by_hand(
        client=zhang, due_on=date(2026, 8, 4), words="补", by=compliance, token=uuid.uuid4()
    )
    assert figures(compliance) == (1, 0, 1)
    (listed,) = browse(compliance).get(PAGE, {"share": "breach"}).context["listed"]
    assert listed.planned_on == Callback.objects.get(pk=row.callback_id).due_on
    assert listed.visited_on is None


def test_every_figure_opens_its_list(
    zhang: Client,
    manager: Employee,
    stranger: Employee,
    mei: Employee,
    compliance: Employee,
    browse: Browse,
) -> None:
    for number in range(4):
        ClientFactory(manager=stranger if number == 3 else manager, opened_on=OPENED)
    Client.objects.filter(pk=zhang.pk).update(opened_on=OPENED)
    row = visited(zhang, date(2026, 6, 8), mei, compliance)
    return_visits.review(return_visit=row, by=compliance, accept=True, words="")
    browser = browse(compliance)
    lines = selectors.coverage(compliance, 2026)
    assert figures(compliance)[1:] == (1, figures(compliance)[0] - 1)
    for line in lines:
        for figure in (line.opened, line.opened_covered, line.opened_breach):
            assert len(browser.get(figure.url).context["page"].items) == figure.value, figure


def test_heads_do_not_see_their_own_clients_in_it(
    zhang: Client, head: Employee, compliance: Employee, browse: Browse
) -> None:
    ClientFactory(manager=head, opened_on=OPENED)
    assert figures(head) == (0, 0, 0)
    assert browse(head).get(PAGE).context["page"].items == []


@pytest.mark.parametrize("query", [{"share": "x"}, {"branch": "x"}])
def test_a_filter_that_cannot_be_is_answered(
    query: dict[str, str], compliance: Employee, browse: Browse
) -> None:
    assert browse(compliance).get(PAGE, query).status_code == 400
    assert browse(compliance).get(PAGE.replace("2026", "1999")).status_code == 404
    assert browse(compliance).post(PAGE).status_code == 405


def test_a_longer_list_asks_no_more(
    manager: Employee, compliance: Employee, browse: Browse
) -> None:
    browser = browse(compliance)
    ClientFactory(manager=manager, opened_on=OPENED)
    browser.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        browser.get(PAGE)
    ClientFactory.create_batch(5, manager=manager, opened_on=OPENED)
    with CaptureQueriesContext(connection) as more:
        assert len(browser.get(PAGE).context["page"].items) == 6
    assert len(more) == len(few)
