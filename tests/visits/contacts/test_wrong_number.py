"""A wrong number is put right, or no longer dialled and asked for."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.urls import reverse

from clients.file.services import set_phones
from clients.models import Client, Phone
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory
from visits.models import Callback, Outcome, Visit
from visits.planning.planner import plan_callbacks

pytestmark = pytest.mark.django_db
WRONG, RIGHT = "+8613812341234", "+8613900001111"


@pytest.fixture
def due(zhang: Client) -> Callback:
    set_phones(client=zhang, numbers=[WRONG])
    plan_callbacks(clients=[zhang.pk])
    row = Callback.objects.get(client=zhang, kind="cadence", status="open")
    Callback.objects.filter(pk=row.pk).update(due_on=today())
    return row


def sent(key: str = "wrong_number", **more: Any) -> dict[str, Any]:
    outcome = Outcome.objects.get(key=key).pk
    return {"token": uuid.uuid4(), "outcome": outcome, "channel": "phone", **more}


def test_it_takes_the_right_number_in_its_place(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    answer = browser.post(due.get_absolute_url(), sent(right_number="139 0000 1111"))
    assert answer.status_code == 302
    due.refresh_from_db()
    assert (due.status, due.attempts) == ("open", 0)
    dialled = browser.post(f"{due.get_absolute_url()}dial/").content.decode()
    assert RIGHT in dialled
    kept = Phone.objects.get(client=due.client, valid_to__isnull=False)
    assert (kept.number, kept.found_wrong_on) == (WRONG, today())


def test_it_asks_for_a_number_where_none_is_left(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    assert browser.post(due.get_absolute_url(), sent()).status_code == 302
    asked = Callback.objects.get(client=due.client, status="open")
    assert (asked.kind, asked.due_on, asked.employee) == ("number", today(), manager)
    due.refresh_from_db()
    assert (due.status, due.merged_into) == ("merged", asked)
    page = browser.get("/today/").content.decode()
    assert asked.get_absolute_url() in page
    assert due.get_absolute_url() not in page
    page = browser.get(asked.get_absolute_url()).content.decode()
    assert reverse("clients:edit", args=[due.client.public_id]) in page
    # It is a gap of the data until then.
    listed = reverse("clients:list")
    assert due.client.name in browser.get(f"{listed}?phone=none").content.decode()


def test_the_call_is_back_once_there_is_a_number(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    browser.post(due.get_absolute_url(), sent())
    set_phones(client=due.client, numbers=[RIGHT])
    plan_callbacks(clients=[due.client.pk])
    due.refresh_from_db()
    assert (due.status, due.merged_into) == ("open", None)
    assert Callback.objects.get(kind="number").status == "cancelled"
    assert due.client.name not in browser.get("/clients/?phone=none").content.decode()


def test_it_goes_on_with_the_second_number(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    set_phones(client=due.client, numbers=[WRONG, RIGHT])
    browser = browse(manager)
    browser.post(due.get_absolute_url(), sent())
    assert not Callback.objects.filter(kind="number").exists()
    assert RIGHT in browser.post(f"{due.get_absolute_url()}dial/").content.decode()


@pytest.mark.parametrize("number", ["12", "138 1234 1234"])
def test_it_refuses_what_is_no_other_number(
    number: str, due: Callback, manager: Employee, browse: Browse
) -> None:
    answer = browse(manager).post(due.get_absolute_url(), sent(right_number=number))
    assert answer.status_code == 422
    assert not Visit.objects.exists()
    assert Phone.objects.get(client=due.client).valid_to is None


def test_any_other_outcome_leaves_the_number_alone(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browse(manager).post(due.get_absolute_url(), sent("no_answer", right_number="x"))
    assert Visit.objects.count() == 1
    assert Phone.objects.get(client=due.client).valid_to is None


def test_planning_the_firm_settles_it_too(zhang: Client) -> None:
    row = CallbackFactory(client=zhang, kind="number", occurrence="number:x")
    plan_callbacks()
    row.refresh_from_db()
    assert row.status == "open"
    set_phones(client=zhang, numbers=[RIGHT])
    plan_callbacks()
    row.refresh_from_db()
    assert row.status == "cancelled"
