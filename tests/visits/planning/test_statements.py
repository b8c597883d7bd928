"""What saving a contact and putting a callback off ask of the database, at two sizes of data."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client, Segment
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory, ClientFactory, VisitFactory
from visits.models import Callback, Outcome
from visits.planning.planner import plan_callbacks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("an_ordinary_day")]
# All of them, those of the transaction too.
LIMIT = 35


def statements(browser: Any, url: str, data: dict[str, Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert browser.post(url, data).status_code == 302
    return [query["sql"] for query in captured]


def due(client: Client) -> Callback:
    return Callback.objects.get(client=client, kind="cadence", status="open")


@pytest.mark.parametrize("form", ["log", "snooze"])
def test_it_asks_as_little_in_a_large_book_and_makes_no_tables(
    zhang: Client, manager: Employee, segment: Segment, browse: Browse, form: str
) -> None:
    plan_callbacks()
    browser, counts = browse(manager), []
    talked = Outcome.objects.get(key="talked").pk
    for _ in range(2):
        callback = due(zhang)
        url = callback.get_absolute_url()
        data = {"token": uuid.uuid4(), "outcome": talked, "channel": "phone", "notes": "聊了行情"}
        if form == "snooze":
            url += "snooze/"
            data = {"until": (today() + timedelta(days=30)).isoformat(), "reason": "出差"}
        found = statements(browser, url, data)
        assert not [sql for sql in found if "CREATE TEMP" in sql or "ANALYZE" in sql]
        counts.append(len(found))
        # The next one is of another client, in a firm of ten times the rows.
        for client in ClientFactory.create_batch(10, manager=manager, segment=segment):
            VisitFactory(client=client)
            CallbackFactory(client=client)
        zhang = ClientFactory(manager=manager, segment=segment)
        plan_callbacks()
    assert counts[0] == counts[1]
    assert counts[0] <= LIMIT, counts


def test_it_asks_no_more_when_a_next_step_is_agreed(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    """The promise is one more callback; the statements of the transaction apart."""
    plan_callbacks()
    step = {"next_step": "send_material", "next_step_on": (today() + timedelta(days=9)).isoformat()}
    outcome = Outcome.objects.get(key="talked").pk
    data = {"token": uuid.uuid4(), "outcome": outcome, "channel": "phone", "notes": "寄资料"}
    found = statements(browse(manager), due(zhang).get_absolute_url(), data | step)
    asked = [sql for sql in found if "SAVEPOINT" not in sql and "crm.employee_id" not in sql]
    assert Callback.objects.filter(client=zhang, kind="promise").exists()
    assert len(asked) <= LIMIT, len(asked)
