"""Contacts without a callback, single entries and their correction, callbacks by hand."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from clients.models import Client
from crm.trading_days import is_trading_day, today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import VisitFactory
from visits.models import Callback, Outcome, Visit

pytestmark = pytest.mark.django_db


def form(key: str = "talked", **more: Any) -> dict[str, Any]:
    outcome = Outcome.objects.get(key=key).pk
    return {"token": uuid.uuid4(), "outcome": outcome, "channel": "wechat", **more}


@pytest.fixture
def url(zhang: Client) -> str:
    return f"{zhang.get_absolute_url()}record/"


def test_it_records_a_contact(url: str, zhang: Client, manager: Employee, browse: Browse) -> None:
    answer = browse(manager).post(url, form(notes="微信聊了聊", question_styles=["about"]))
    assert answer["Location"] == zhang.get_absolute_url()
    visit = Visit.objects.get()
    assert (visit.client, visit.callback, visit.channel) == (zhang, None, "wechat")
    assert visit.question_styles == ["about"]
    assert Callback.objects.filter(client=zhang, kind="cadence", status="open").count() == 1


def test_it_is_recorded_once(url: str, manager: Employee, browse: Browse) -> None:
    data = form("interested")
    for _ in range(2):
        assert browse(manager).post(url, data).status_code == 302
    assert Visit.objects.count() == 1
    assert Callback.objects.filter(kind="promise").count() == 1


def test_bad_input_keeps_what_was_typed(url: str, manager: Employee, browse: Browse) -> None:
    answer = browse(manager).post(url, {"notes": "写了很久的话"})
    assert answer.status_code == 422
    assert "写了很久的话" in answer.content.decode()


@pytest.mark.parametrize("path", ["record/", "callback/"])
def test_outsiders_find_nothing_and_readers_change_nothing(
    path: str,
    zhang: Client,
    stranger: Employee,
    colleague: Employee,
    compliance: Employee,
    browse: Browse,
) -> None:
    url = f"{zhang.get_absolute_url()}{path}"
    data = {**form(), "due_on": (today() + timedelta(days=3)).isoformat(), "reason": "问新股"}
    for outsider in (stranger, colleague):
        assert browse(outsider).post(url, data).status_code == 404
    assert browse(compliance).post(url, data).status_code == 403
    assert not Visit.objects.exists()
    assert not Callback.objects.exists()


def test_a_callback_is_planned_by_hand(zhang: Client, manager: Employee, browse: Browse) -> None:
    url = f"{zhang.get_absolute_url()}callback/"
    due_on = (today() + timedelta(days=9)).isoformat()
    data = {"token": uuid.uuid4(), "due_on": due_on, "reason": "问新股"}
    for _ in range(2):
        assert browse(manager).post(url, data).status_code == 302
    made = Callback.objects.get(client=zhang, kind="manual")
    assert (made.employee, made.reason) == (manager, "问新股")
    assert is_trading_day(made.due_on)
    assert browse(manager).post(url, {**data, "due_on": "2001-01-01"}).status_code == 302
    again = {**data, "token": uuid.uuid4(), "due_on": "2001-01-01"}
    assert browse(manager).post(url, again).status_code == 422


def test_a_correction_shows_both_entries(zhang: Client, manager: Employee, browse: Browse) -> None:
    old = VisitFactory(client=zhang, notes="打错了字")
    browser = browse(manager)
    page = browser.get(f"{old.get_absolute_url()}correct/").content.decode()
    assert "打错了字" in page
    answer = browser.post(f"{old.get_absolute_url()}correct/", form(notes="改好了"))
    new = Visit.objects.get(corrects=old)
    assert answer["Location"] == new.get_absolute_url()
    assert new.occurred_on == old.occurred_on
    assert old.get_absolute_url() in browser.get(new.get_absolute_url()).content.decode()
    assert new.get_absolute_url() in browser.get(old.get_absolute_url()).content.decode()
    second = browser.post(f"{old.get_absolute_url()}correct/", form(notes="再改"))
    assert second.status_code == 422


def test_only_ones_own_entry_is_corrected(
    zhang: Client, manager: Employee, head: Employee, stranger: Employee, browse: Browse
) -> None:
    url = f"{VisitFactory(client=zhang).get_absolute_url()}correct/"
    assert browse(head).post(url, form()).status_code == 403
    assert browse(stranger).post(url, form()).status_code == 404
    assert Visit.objects.count() == 1


def test_the_timeline_pages_through_many(zhang: Client, manager: Employee, browse: Browse) -> None:
    VisitFactory.create_batch(30, client=zhang)
    browser = browse(manager)
    first = browser.get(f"{zhang.get_absolute_url()}visits/")
    assert len(first.context["past"]) == 25
    second = browser.get(f"{zhang.get_absolute_url()}visits/{first.context['page'].next_query}")
    assert len(second.context["past"]) == 5


def test_the_client_file_shows_what_is_due_and_what_happened(
    zhang: Client, manager: Employee, compliance: Employee, browse: Browse
) -> None:
    VisitFactory.create_batch(9, client=zhang, notes="认同长期持有", satisfaction_service=4)
    page = browse(manager).get(zhang.get_absolute_url()).content.decode()
    assert "认同长期持有" in page
    assert f"{zhang.get_absolute_url()}timeline/?kind=visit&amp;cursor=" in page
    assert f'href="{zhang.get_absolute_url()}record/"' in page
    page = browse(compliance).get(zhang.get_absolute_url()).content.decode()
    assert f'href="{zhang.get_absolute_url()}record/"' not in page
