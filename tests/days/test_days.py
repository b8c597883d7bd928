"""The days of the seven roles, lived by clicking; and the clicks of what is done all day long."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from staff.models import Employee
from tests.days.day import Day
from tests.test_url_access import World
from visits.models import Callback, Outcome, Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Live = Callable[[Employee, str], Day]
SAVE = ".crm-call-bar button.btn-primary"
CALL = ".crm-row-acts a[href^='/callbacks/']:not([hx-get])"


def outcome(key: str) -> str:
    return f"label[for='outcome-{Outcome.objects.get(key=key).pk}']"


def test_it_is_a_manager(live: Live, firm: World, manager: Employee) -> None:
    day = live(manager, "manager")
    assert day.count(lambda: unreached(day)) == 3
    assert day.count(lambda: reached(day)) <= 5
    assert day.count(lambda: put_off(day)) == 3
    wrong_number(day)
    from_today = day.count(lambda: reached(day, note=""))
    assert day.count(lambda: from_the_file(day)) == from_today + 1
    one_after_another(day)
    day.go("/clients/")
    day.fill("#search", "刘建国")
    day.page.wait_for_selector("#search-hits a")
    day.look("search hits")
    day.click("#search-hits a", "file by search")
    day.go("/callbacks/")
    day.go("/pipeline/")
    day.click("[data-move]", "move a card")
    day.page.keyboard.press("Escape")
    day.go("/calendar/")
    if not day.mode.is_phone:
        drag_in_calendar(day)
    day.visit("/me/", "me")
    day.end()


def drag_in_calendar(day: Day, *, fresh: bool = True) -> None:
    """From the fullest day to one of the next week; the dialog asks why, and is left."""
    if fresh:
        day.visit("/calendar/?view=month", "calendar")
    days = day.page.locator("[data-day]")
    full: int = days.evaluate_all(
        "(days) => days.map((day) => day.querySelectorAll('[data-card]').length)"
        ".reduce((best, count, at, all) => (count > all[best] ? at : best), 0)"
    )
    other = full + 7 if full + 7 < days.count() else full - 7
    day.drag(days.nth(full).locator("[data-card]").first, days.nth(other), "dragged")
    day.page.keyboard.press("Escape")


def put_off(day: Day) -> None:
    """Open, a reason, a day."""
    day.click("a[href$='/snooze/']", "put off")
    day.page.wait_for_selector(".crm-row-more form")
    day.look("put off, open")
    day.click(".crm-row-more label[for^='id_known_']", "reason")
    day.click(".crm-row-more button[name=preset][value=tomorrow]", "tomorrow")
    day.page.wait_for_selector("#toasts .crm-toast")


def unreached(day: Day) -> None:
    day.click(CALL, "call")
    day.click(outcome("no_answer"), "no answer")
    day.click(SAVE, "saved")
    day.page.wait_for_url("**/today/")


def reached(day: Day, note: str = "客户已了解风险等级") -> None:
    before = Visit.objects.count()
    day.click(CALL, "call")
    day.click(outcome("talked"), "talked")
    if note:
        day.fill("#id_notes", note)
    day.click(SAVE, "saved")
    day.page.wait_for_url("**/today/")
    assert Visit.objects.count() == before + 1


def wrong_number(day: Day) -> None:
    day.click(CALL, "call")
    dial = day.page.locator("button[form=dial]:visible")
    day.click(dial, "dialled")
    day.page.wait_for_selector("#dialled a[href^='tel:']")
    day.look("number shown")
    day.click(outcome("wrong_number"), "wrong number")
    day.fill("#id_right_number", "12")
    day.click(SAVE, "number refused")
    day.fill("#id_right_number", "")
    day.click(SAVE, "saved without a number")
    day.page.wait_for_url("**/today/")
    asked = Callback.objects.get(kind="number", status="open")
    day.click(f"a[href='{asked.get_absolute_url()}']", "correct the number")
    day.go("/today/")


def one_after_another(day: Day) -> None:
    day.go("/today/")
    day.click("a[href$='?row=1']", "one after another")
    day.click("main a.btn[href*='row'] >> nth=0", "skipped")
    day.go("/today/")


def from_the_file(day: Day) -> None:
    client = Callback.objects.filter(status="open", employee=day.person).latest("due_on").client
    day.page.goto(client.get_absolute_url())
    day.look("client file")
    day.clicks += 1  # that is the click on a name in any list
    day.click(f"a[href='{client.get_absolute_url()}record/']", "record")
    day.click(outcome("talked"), "talked, no callback")
    day.click(SAVE, "saved from the file")
    day.page.wait_for_url(f"**{client.get_absolute_url()}")


def test_it_is_a_broker(live: Live, firm: World, broker: Employee) -> None:
    day = live(broker, "broker")
    day.go("/clients/")
    day.click("main th a[href^='/clients/'], main tbody a", "client file")
    day.go("/pipeline/")
    day.tabs(".crm-head .crm-switch >> nth=1")
    day.end()


def hand_over(day: Day, origin: Employee, receiver: Employee) -> None:
    day.click("main .btn-primary", "hand clients over")
    day.choose("select[name=origin]", str(origin.pk))
    day.click(f"input[name=receivers][value='{receiver.pk}']", "who takes over")
    day.fill("input[name=reason]", "调岗")
    day.click("form.crm-boxes .btn-primary", "who gets what")


def test_it_is_a_branch_head(
    live: Live, firm: World, head: Employee, manager: Employee, colleague: Employee
) -> None:
    day = live(head, "branch-head")
    day.go("/board/")
    day.go("/callbacks/")
    day.tabs(".crm-switch >> nth=0")
    day.go("/clients/")
    day.click("main th a[href^='/clients/'], main tbody a", "client file")
    day.visit("/hand-overs/", "hand-overs")
    hand_over(day, manager, colleague)
    day.click("button[name=ask]", "asked")
    # The same once more: they are part of the first, which is named.
    day.visit("/hand-overs/", "hand-overs again")
    hand_over(day, manager, colleague)
    day.click("button[name=leave_out]", "without them")
    day.visit("/callbacks/escalated/", "long overdue")
    day.go("/pipeline/")
    day.end()


def test_it_is_a_regional_head(live: Live, firm: World, regional_head: Employee) -> None:
    day = live(regional_head, "regional-head")
    day.go("/board/")
    day.go("/clients/")
    day.go("/pipeline/")
    day.visit("/pipeline/?lanes=manager", "lanes")
    day.visit("/calendar/", "calendar")
    day.end()


def test_it_is_compliance(live: Live, firm: World, compliance: Employee) -> None:
    day = live(compliance, "compliance")
    for place in ("visits", "cases", "coverage", "visitors"):
        day.visit(f"/compliance/{place}/", place)
    day.go("/clients/")
    day.click("main th a[href^='/clients/'], main tbody a", "client file")
    day.end()


def test_it_is_operations(live: Live, firm: World, operations: Employee) -> None:
    day = live(operations, "operations")
    day.visit("/me/", "me")
    day.visit("/notifications/", "notifications")
    day.end()


def test_it_is_an_administrator(live: Live, firm: World, administrator: Employee) -> None:
    day = live(administrator, "administrator")
    for place in ("", "staff/policy/", "crm/holiday/", "staff/employee/", "visits/outcome/"):
        day.visit(f"/admin/{place}", f"admin {place}")
    day.end()
