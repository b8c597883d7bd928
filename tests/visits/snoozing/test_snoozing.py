"""Putting callbacks off: days and reasons by one tap, and how far one may go without a head."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError

from clients.models import Client
from crm import trading_days
from crm.trading_days import today
from staff.models import Employee, Notification, Policy
from tests.cast import Browse
from tests.factories import CallbackFactory, ClientFactory
from visits.agenda import reschedule
from visits.agenda.today import of
from visits.models import Callback, CallbackChange, CallbackPlan
from visits.snoozing import services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("an_ordinary_day")]


@pytest.fixture
def due(zhang: Client) -> Callback:
    """Due today, in a segment that is called every month."""
    CallbackPlan.objects.filter(segment=zhang.segment).update(every=1, unit="month")
    return CallbackFactory(client=zhang)


def in_days(days: int) -> date:
    return trading_days.on_or_after(today() + timedelta(days=days))


def ask(due: Callback, manager: Employee, days: int = 60) -> CallbackChange:
    asked = services.put_off(callback=due, until=in_days(days), reason="客户出国", by=manager)
    assert isinstance(asked, CallbackChange)
    return asked


def post(browse: Browse, who: Employee, due: Callback, path: str = "", **data: Any) -> Any:
    return browse(who).post(f"{due.get_absolute_url()}snooze/{path}", data)


@pytest.mark.parametrize(
    ("preset", "day"),
    [
        ("tomorrow", date(2026, 6, 11)),
        ("monday", date(2026, 6, 15)),
        ("week", date(2026, 6, 17)),
    ],
)
def test_it_puts_off_to_a_day_by_its_name(
    preset: str, day: date, due: Callback, manager: Employee, browse: Browse
) -> None:
    answer = post(browse, manager, due, preset=preset, known="", reason="客户开会")
    assert answer.status_code == 302
    due.refresh_from_db()
    assert (due.due_on, due.changes.get().reason) == (day, "客户开会")


def test_it_rests_until_the_afternoon(due: Callback, manager: Employee, browse: Browse) -> None:
    zhou = ClientFactory(manager=manager, segment=due.client.segment)
    other = CallbackFactory(client=zhou)
    answer = post(browse, manager, due, preset="afternoon", reason="客户开会")
    assert answer.status_code == 302
    due.refresh_from_db()
    assert due.due_on == today()
    assert due.rests_until is not None
    rows = [row for group in of(manager).groups for row in group.rows]
    assert [row["url"] for row in rows] == [other.get_absolute_url(), due.get_absolute_url()]
    assert "13:00" in rows[1]["state"]
    with time_machine.travel(datetime(2026, 6, 10, 13, 5, tzinfo=ZoneInfo("Asia/Shanghai"))):
        [state] = {row["state"] for group in of(manager).groups for row in group.rows}
        assert "13:00" not in state
        refused = post(browse, manager, due, preset="afternoon", reason="客户开会")
        assert refused.status_code == 422


def test_it_offers_the_last_reasons_and_asks_for_one(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    for reason in ("客户开会", "客户出差"):
        post(browse, manager, due, preset="week", reason=reason)
    page = browse(manager).get(f"{due.get_absolute_url()}snooze/")
    offered = [value for value, _label in page.context["form"].fields["known"].choices]
    assert offered[:2] == ["客户出差", "客户开会"]
    assert 'value="tomorrow"' in page.content.decode()
    before = Callback.objects.get(pk=due.pk).due_on
    refused = post(browse, manager, due, preset="tomorrow")
    assert refused.status_code == 422
    assert post(browse, manager, due, preset="tomorrow", known="不在其中").status_code == 422
    assert Callback.objects.get(pk=due.pk).due_on == before
    assert post(browse, manager, due, preset="tomorrow", known="客户出差").status_code == 302
    newest = Callback.objects.get(pk=due.pk).changes.first()
    assert newest is not None
    assert newest.reason == "客户出差"


@pytest.mark.parametrize(
    "wrong",
    [
        {"preset": "never", "reason": "出差"},
        {"until": "soon", "reason": "出差"},
        {"until": "", "reason": "出差"},
        {"until": "2026-06-01", "reason": "出差"},
        {"until": "2027-05-01", "reason": "出差"},
        {"preset": "x" * 50, "reason": "出差"},
        {"preset": "week", "reason": "长" * 201},
    ],
)
def test_bad_input_is_answered_with_a_sentence(
    wrong: dict[str, str], due: Callback, manager: Employee, browse: Browse
) -> None:
    answer = post(browse, manager, due, **wrong)
    assert answer.status_code == 422
    assert any(answer.context["form"].errors.values())
    due.refresh_from_db()
    assert due.due_on == today()


def test_beyond_a_cadence_the_head_is_asked_and_decides(
    due: Callback, manager: Employee, head: Employee, browse: Browse
) -> None:
    assert post(browse, manager, due, until=in_days(30), reason="出差").status_code == 302
    due.refresh_from_db()
    assert due.due_on == in_days(30)
    until = in_days(60)
    answer = post(browse, manager, due, until=until, reason="客户出国")
    assert answer.status_code == 302
    due.refresh_from_db()
    assert due.due_on == in_days(30)
    [line] = Notification.objects.filter(employee=head, kind="snooze_asked")
    assert due.client.salutation in browse(head).get("/today/").content.decode()
    assert "客户出国" in browse(head).get(line.url).content.decode()
    assert post(browse, head, due, "decide/", decision="grant").status_code == 302
    due.refresh_from_db()
    assert due.due_on == until
    assert Notification.objects.filter(employee=manager, kind="snooze_decided").count() == 1
    assert not services.waiting_for(head).exists()


def test_it_stays_where_the_head_refuses(
    due: Callback, manager: Employee, head: Employee, browse: Browse
) -> None:
    ask(due, manager)
    assert post(browse, head, due, "decide/", decision="refuse").status_code == 422
    assert post(browse, head, due, "decide/", decision="perhaps").status_code == 422
    said = post(browse, head, due, "decide/", decision="refuse", reason="请按期联系")
    assert said.status_code == 302
    due.refresh_from_db()
    assert due.due_on == today()
    assert post(browse, head, due, "decide/", decision="grant").status_code == 404
    assert not services.waiting_for(head).exists()


def test_small_steps_do_not_add_up(due: Callback, manager: Employee, head: Employee) -> None:
    for days in (20, 30):
        services.put_off(callback=due, until=in_days(days), reason="出差", by=manager)
    due.refresh_from_db()
    with time_machine.travel(datetime(2026, 7, 9, 9, tzinfo=ZoneInfo("Asia/Shanghai"))):
        asked = services.put_off(callback=due, until=in_days(7), reason="出差", by=manager)
    assert isinstance(asked, CallbackChange)


def test_dragging_goes_no_further(due: Callback, manager: Employee, head: Employee) -> None:
    reschedule.move(callback=due, day=in_days(20), reason="出差", by=manager)
    with pytest.raises(ValidationError):
        reschedule.move(callback=due, day=in_days(60), reason="出差", by=manager)
    reschedule.move(callback=due, day=in_days(60), reason="出差", by=head)


def test_beyond_the_hard_limit_nobody_puts_off(
    due: Callback, manager: Employee, head: Employee, regional_head: Employee, browse: Browse
) -> None:
    for who in (manager, head, regional_head):
        answer = post(browse, who, due, until=in_days(190), reason="出差")
        assert answer.status_code == 422
        assert "until" in answer.context["form"].errors
    Policy.objects.filter(key="snooze_most_days").update(value=10)
    assert post(browse, manager, due, until=in_days(20), reason="出差").status_code == 422
    assert not CallbackChange.objects.exists()


def test_a_head_asks_the_next_above_about_the_own_work(
    due: Callback, head: Employee, regional_head: Employee, browse: Browse
) -> None:
    Client.objects.filter(pk=due.client_id).update(manager=head)
    Callback.objects.filter(pk=due.pk).update(employee=head)
    due.refresh_from_db()
    asked = ask(due, head)
    assert not services.may_decide(head, asked)
    assert list(services.waiting_for(regional_head)) == [asked]
    assert post(browse, head, due, "decide/", decision="grant").status_code == 403


def test_who_may_not_decide(
    due: Callback,
    manager: Employee,
    colleague: Employee,
    stranger: Employee,
    compliance: Employee,
    head: Employee,
    browse: Browse,
) -> None:
    ask(due, manager)
    expected = {manager: 403, colleague: 404, stranger: 404, compliance: 403, head: 200}
    for who, status in expected.items():
        assert browse(who).get(f"{due.get_absolute_url()}snooze/decide/").status_code == status
    assert browse(head).put(f"{due.get_absolute_url()}snooze/decide/").status_code == 405


def test_an_answered_callback_asks_nobody(due: Callback, manager: Employee, head: Employee) -> None:
    ask(due, manager)
    assert services.waiting_for(head).count() == 1
    services.put_off(callback=due, until=in_days(7), reason="出差", by=manager)
    assert not services.waiting_for(head).exists()


def test_an_appointment_has_no_such_limits(
    zhang: Client, manager: Employee, head: Employee
) -> None:
    row = CallbackFactory(
        client=zhang, kind="appointment", starts_at=datetime.now().astimezone(), minutes=30
    )
    made = services.put_off(callback=row, until=in_days(200), reason="出差", by=manager)
    assert isinstance(made, Callback)
