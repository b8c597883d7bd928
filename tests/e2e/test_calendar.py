"""The calendar in a real browser: dragging, keys and the menu; on a phone; without JavaScript."""

from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from clients.models import Client
from crm import trading_days
from crm.trading_days import today
from staff.models import Employee
from tests.browser import axe
from tests.factories import CallbackFactory
from visits.models import Callback, CallbackChange

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def day(n: int) -> date:
    return trading_days.add(today(), n)


def soon() -> date:
    """A trading day some weeks ahead that is not the only one of its week."""
    return next(day(n) for n in range(10, 40) if len(trading_days.between(*_week(day(n)))) > 1)


@pytest.fixture
def due(zhang: Client) -> Callback:
    return CallbackFactory(client=zhang, due_on=soon())


def log_in(page: Page, employee: Employee, view: str = "month") -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", employee.username)
    page.fill("input[name=password]", "correct-horse-battery")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/today/")
    page.goto(f"/calendar/?view={view}&on={soon()}")


def card(page: Page, on: date) -> str:
    return f"[data-day='{on}'] [data-card]"


def neighbour(on: date) -> date:
    """Another trading day of the same week, later unless it is the last."""
    days = trading_days.between(*_week(on))
    return next(other for other in [*[d for d in days if d > on], *reversed(days)] if other != on)


def _week(on: date) -> tuple[date, date]:
    monday = date.fromordinal(on.toordinal() - on.weekday())
    return monday, date.fromordinal(monday.toordinal() + 6)


def test_a_card_moves_by_drag_key_and_menu(
    browser_page: Page, due: Callback, manager: Employee
) -> None:
    page = browser_page
    page.set_viewport_size({"width": 1280, "height": 900})
    log_in(page, manager, "week")
    axe(page)
    first, second = soon(), neighbour(soon())
    page.locator(card(page, first)).drag_to(
        page.locator(f"[data-day='{second}']"), source_position={"x": 60, "y": 8}
    )
    expect(page.locator("#move")).to_be_visible()
    # Until the server agrees the card is at home.
    expect(page.locator(card(page, first))).to_have_count(1)
    assert page.input_value("#move-day") == str(second)
    axe(page)
    page.click("#move button[type=submit]")
    expect(page.locator(card(page, second))).to_have_count(1)

    # The focus went with the card: the keys move it on.
    expect(page.locator(f"{card(page, second)} a").first).to_be_focused()
    step = (first - second).days
    page.keyboard.press("Alt+ArrowLeft" if step < 0 else "Alt+ArrowRight")
    expect(page.locator("#move")).to_be_visible()
    page.fill("#move-day", str(first))
    page.fill("#move-words", "改期")
    page.keyboard.press("Enter")
    expect(page.locator(card(page, first))).to_have_count(1)

    page.locator("[data-move]").click()
    page.fill("#move-day", str(second))
    page.click("#move button[type=submit]")
    expect(page.locator(card(page, second))).to_have_count(1)
    due.refresh_from_db()
    assert due.due_on == second
    assert CallbackChange.objects.filter(callback=due, action="moved").count() == 3


def test_the_calendar_stands_still_under_a_dragged_card(
    browser_page: Page, zhang: Client, manager: Employee
) -> None:
    """The fullest day gives its week the height: its card went, and the drop landed a week later."""
    first = soon()
    CallbackFactory.create_batch(4, client=zhang, due_on=first)
    page = browser_page
    page.set_viewport_size({"width": 1280, "height": 900})
    log_in(page, manager)
    page.locator(card(page, first)).first.scroll_into_view_if_needed()
    tops = "Array.from(document.querySelectorAll('.crm-cal-day'), (day) => day.offsetTop)"
    before = page.evaluate(tops)
    taken = page.locator(card(page, first)).first.bounding_box()
    other = page.locator(f"[data-day='{neighbour(first)}']").bounding_box()
    assert taken
    assert other
    page.mouse.move(taken["x"] + 60, taken["y"] + 8)
    page.mouse.down()
    for step in range(4):
        page.mouse.move(other["x"] + 40 + step, other["y"] + 20, steps=4)
    page.wait_for_selector(f"[data-day='{neighbour(first)}'] [data-card]")
    assert page.evaluate(tops) == before
    page.mouse.up()
    expect(page.locator("#move")).to_be_visible()
    page.click("#move [data-close]")
    assert page.evaluate(tops) == before
    assert not page.evaluate("document.querySelectorAll('.crm-cal-day[style*=height]').length")


def test_a_card_moved_by_keys_is_spoken_of(
    browser_page: Page, due: Callback, manager: Employee
) -> None:
    page = browser_page
    log_in(page, manager)
    where = soon()
    page.locator(f"{card(page, where)} a").first.focus()
    page.keyboard.press("Alt+ArrowDown")
    later = date.fromordinal(where.toordinal() + 7)
    described = page.locator("#move").get_attribute("aria-describedby")
    expect(page.locator(f"#{described}")).to_contain_text(str(later.day))
    page.fill("#move-day", str(neighbour(where)))
    page.evaluate(
        "window.heard = []; new MutationObserver(() => window.heard.push("
        " [document.getElementById('calendar-says').textContent, document.activeElement.href || '']))"
        ".observe(document.getElementById('calendar-says'), {childList: true})"
    )
    page.click("#move button[type=submit]")
    expect(page.locator("#calendar-says")).to_contain_text(due.client.salutation)
    text, focused = page.evaluate("window.heard").pop()
    assert str(neighbour(where).day) in text
    assert focused.endswith(due.get_absolute_url())


def test_beyond_the_hard_limit_the_card_stays_and_it_says_why(
    browser_page: Page, due: Callback, manager: Employee
) -> None:
    Callback.objects.filter(pk=due.pk).update(hard_limit_on=soon())
    page = browser_page
    log_in(page, manager)
    page.locator(f"{card(page, soon())} a").first.focus()
    page.keyboard.press("Alt+ArrowDown")
    page.click("#move button[type=submit]")
    expect(page.locator("#calendar [role=alert]")).to_contain_text(str(soon()))
    expect(page.locator(card(page, soon()))).to_have_count(1)
    axe(page)
    due.refresh_from_db()
    assert due.due_on == soon()


def test_a_phone_shows_the_days_with_work(
    browser_page: Page, due: Callback, manager: Employee
) -> None:
    page = browser_page
    page.set_viewport_size({"width": 360, "height": 740})
    log_in(page, manager)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.locator(".crm-cal-day:visible")).to_have_count(1)
    axe(page)


def test_it_moves_without_javascript(
    chromium: Browser, live_server: str, due: Callback, manager: Employee
) -> None:
    context = chromium.new_context(base_url=str(live_server), java_script_enabled=False)
    page = context.new_page()
    log_in(page, manager)
    page.locator("[data-move]").click()
    page.wait_for_url("**/move/?*")
    later = trading_days.add(soon(), 1)
    page.fill("input[name=day]", str(later))
    page.click("main form button[type=submit]")
    page.wait_for_url("**/calendar/?*")
    due.refresh_from_db()
    assert due.due_on == later
    context.close()
