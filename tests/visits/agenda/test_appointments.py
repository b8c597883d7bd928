"""Appointments and the day sheet."""

import uuid
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client, Phone
from crm.models import AccessLog
from crm.trading_days import add, today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory
from visits.contacts import services as contacts_services
from visits.models import Callback, CallbackChange, Outcome

pytestmark = pytest.mark.django_db


def at(hour: int, days: int = 1, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(today() + timedelta(days=days), time(hour, minute)))


def form(starts_at: datetime, **more: Any) -> dict[str, Any]:
    text = f"{timezone.localtime(starts_at):%Y-%m-%dT%H:%M}"
    return {
        "token": uuid.uuid4(),
        "starts_at": text,
        "minutes": 60,
        "place": "营业部三楼",
        "reason": "资产配置",
        **more,
    }


def book(browser: Any, client: Client, data: dict[str, Any], query: str = "") -> Any:
    return browser.post(f"{client.get_absolute_url()}appointment/{query}", data)


@pytest.fixture
def meeting(zhang: Client) -> Callback:
    starts_at = at(10)
    return CallbackFactory(
        client=zhang,
        kind="appointment",
        starts_at=starts_at,
        minutes=60,
        is_placed=True,
        due_on=timezone.localdate(starts_at),
    )


def test_it_is_booked_once_for_a_time_and_a_place(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    data = form(at(10))
    browser = browse(manager)
    assert book(browser, zhang, data).status_code == 302
    assert book(browser, zhang, {**data, "anyway": "on"}).status_code == 302
    made = Callback.objects.get(kind="appointment")
    assert (made.starts_at, made.minutes, made.place) == (at(10), 60, "营业部三楼")
    assert (made.due_on, made.employee, made.is_placed) == (at(10).date(), manager, True)
    assert made.occurrence == f"appointment:{data['token']}"
    side = browser.get("/today/").content.decode()
    assert "营业部三楼" in side


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 0},
        {"minutes": 601},
        {"minutes": ""},
        {"starts_at": "2020-01-01T10:00"},
        {"starts_at": "2999-01-01T10:00"},
        {"starts_at": "9999-12-31T23:30"},
        {"starts_at": "0001-01-01T00:00"},
        {"starts_at": "noon"},
        {"reason": ""},
        {"place": "x" * 300},
    ],
)
def test_what_makes_no_sense_is_not_booked(
    wrong: dict[str, Any], zhang: Client, manager: Employee, browse: Browse
) -> None:
    answer = book(browse(manager), zhang, {**form(at(10)), **wrong})
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not Callback.objects.filter(kind="appointment").exists()


def test_it_does_not_last_over_midnight(zhang: Client, manager: Employee, browse: Browse) -> None:
    assert book(browse(manager), zhang, form(at(23, minute=30))).status_code == 422
    assert book(browse(manager), zhang, form(at(23), minutes=59)).status_code == 302


def test_an_overlap_is_pointed_out_and_may_be_wanted(
    meeting: Callback, zhou: Client, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    answer = book(browser, zhou, form(at(10, minute=30)))
    assert answer.status_code == 422
    assert meeting.client.salutation in answer.content.decode()
    assert book(browser, zhou, form(at(11))).status_code == 302
    assert book(browser, zhou, form(at(10, minute=30), anyway="on")).status_code == 302


def test_others_book_nothing(
    zhang: Client, colleague: Employee, compliance: Employee, browse: Browse
) -> None:
    assert book(browse(colleague), zhang, form(at(10))).status_code == 404
    assert book(browse(compliance), zhang, form(at(10))).status_code == 403
    Client.objects.filter(pk=zhang.pk).update(lifecycle="closed")
    assert book(browse(zhang.manager), zhang, form(at(10))).status_code == 422  # type: ignore[arg-type]


def test_it_is_changed_for_a_reason(meeting: Callback, manager: Employee, browse: Browse) -> None:
    url = f"{meeting.get_absolute_url()}appointment/"
    assert browse(manager).get(url).status_code == 200
    assert browse(manager).post(url, form(at(15, days=3))).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.due_on) == (at(15, days=3), at(15, days=3).date())
    assert CallbackChange.objects.get(callback=meeting).action == "moved"


@pytest.mark.parametrize("when", ["2020-01-01T10:00", "9999-12-31T23:30"])
def test_it_is_not_changed_to_a_time_that_makes_no_sense(
    when: str, meeting: Callback, manager: Employee, browse: Browse
) -> None:
    url = f"{meeting.get_absolute_url()}appointment/"
    answer = browse(manager).post(url, {**form(at(10)), "starts_at": when})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["starts_at"]


def test_what_is_no_appointment_has_no_time_to_change(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    row = CallbackFactory(client=zhang)
    assert browse(manager).get(f"{row.get_absolute_url()}appointment/").status_code == 404
    assert browse(manager).get(f"{row.get_absolute_url()}invitation.ics").status_code == 404


def test_snoozing_takes_the_time_along(meeting: Callback, manager: Employee) -> None:
    until = today() + timedelta(days=5)
    contacts_services.snooze(callback=meeting, until=until, reason="Trip", by=manager)
    meeting.refresh_from_db()
    assert meeting.due_on == until
    assert meeting.starts_at == at(10, days=5)


def test_meeting_is_booked_in_place_of_the_promise(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    day = add(today(), 3)
    outcome = Outcome.objects.get(key="talked").pk
    data = {
        "token": uuid.uuid4(),
        "outcome": outcome,
        "channel": "phone",
        "next_step": "meet",
        "next_step_on": str(day),
    }
    answer = browser.post(f"{zhang.get_absolute_url()}record/", data)
    promise = Callback.objects.get(kind="promise")
    assert str(promise.public_id) in answer["Location"]
    page = browser.get(answer["Location"]).context["form"]
    assert timezone.localdate(page.initial["starts_at"]) == day
    query = f"?instead={promise.public_id}"
    assert book(browser, zhang, form(page.initial["starts_at"]), query).status_code == 302
    promise.refresh_from_db()
    assert promise.status == "cancelled"
    assert Callback.objects.get(kind="appointment").status == "open"


# The day sheet --------------------------------------------------------------------------------


def test_a_sheet_is_logged_with_its_lines(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    phone = Phone(client=zhang, valid_from=today())
    phone.set_number("+8613812341234")
    phone.save()
    CallbackFactory(client=zhang, due_on=today() - timedelta(days=3))
    CallbackFactory(client=zhou, due_on=today())
    CallbackFactory(client=zhou, due_on=today() + timedelta(days=1))
    browser = browse(manager)
    asked = browser.get("/today/sheet/")
    assert asked.context["count"] == 2
    assert not AccessLog.objects.exists()
    page = browser.post("/today/sheet/", {"day": str(today())}).content.decode()
    assert "138****1234" in page
    assert "13812341234" not in page
    log = AccessLog.objects.get()
    assert (log.action, log.subject_type, log.row_count) == ("export", "day_sheet", 2)


def test_a_sheet_of_no_day_is_not_made(manager: Employee, browse: Browse) -> None:
    assert browse(manager).post("/today/sheet/", {"day": "2026-02-31"}).status_code == 422
    assert browse(manager).put("/today/sheet/").status_code == 405
    assert not AccessLog.objects.exists()


def test_a_sheet_holds_ones_own_work_alone(
    zhang: Client, colleague: Employee, browse: Browse
) -> None:
    CallbackFactory(client=zhang)
    answer = browse(colleague).post("/today/sheet/", {"day": str(today())})
    assert answer.context["lines"] == []
