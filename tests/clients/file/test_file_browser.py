"""The client file in a real browser: the head stays, tabs lead on, rows are edited in place."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from clients.file.services import set_phones
from clients.models import Client
from crm.trading_days import today
from staff.models import Employee
from tests.browser import axe, covered, width
from tests.clients.file.test_browser import log_in
from tests.clients.file.test_head import ANSWERS, derived, family, figures
from tests.factories import CallbackFactory, ClientFactory, VisitFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def full(zhang: Client, manager: Employee) -> Client:
    """A client of whom much is known."""
    set_phones(client=zhang, numbers=["+8613812341234"])
    Client.objects.filter(pk=zhang.pk).update(
        risk_grade="C5",
        risk_expires_on=today() + timedelta(days=12),
        birthday="1983-06-01",
        last_contact_on=today(),
        notes="喜欢下午接电话",
    )
    wife = ClientFactory(manager=manager, name="刘敏")
    family(zhang, wife)
    figures(zhang, 1_000_000, 1_100_000)
    derived(wife, 500_000)
    for n in range(12):
        VisitFactory(
            client=zhang,
            notes="有意参加沙龙，" * (20 if n == 11 else 1),
            answers=ANSWERS,
            satisfaction_service=4,
        )
    CallbackFactory(client=zhang, reason="问新股", due_on=today() - timedelta(days=6))
    return zhang


def test_the_head_stays_and_everything_fits(
    browser_page: Page, full: Client, manager: Employee
) -> None:
    page = browser_page
    page.emulate_media(reduced_motion="reduce")  # colours change at once with the theme
    log_in(page, manager)
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        for tab in ("", "?tab=timeline", "?tab=pipeline", "?tab=documents", "?tab=details"):
            page.goto(full.get_absolute_url() + tab)
            page.wait_for_load_state("networkidle")
            assert width(page) <= size["width"], tab
            assert covered(page) == [], tab
            for theme in ("light", "dark"):
                page.evaluate(f"document.documentElement.dataset.bsTheme = '{theme}'")
                axe(page)
        page.goto(full.get_absolute_url())
        page.evaluate("window.scrollTo(0, 600)")
        expect(page.locator("h1")).to_be_in_viewport()
        expect(page.locator(".crm-dock .btn-primary")).to_be_in_viewport()
        low = page.evaluate("document.querySelector('.crm-dock').getBoundingClientRect().top")
        assert (low > size["height"] / 2) == (size is PHONE)


def test_tabs_lead_on_and_a_long_note_unfolds(
    browser_page: Page, full: Client, manager: Employee
) -> None:
    page = browser_page
    page.set_viewport_size(DESK)
    log_in(page, manager)
    page.goto(full.get_absolute_url())
    long = page.locator("details.crm-long").first
    expect(long.locator("p")).to_be_hidden()
    long.locator("summary").click()
    expect(long.locator("p")).to_be_visible()
    page.get_by_role("link", name="时间线", exact=True).click()
    page.wait_for_url("**?tab=timeline")
    page.locator(".crm-chips").get_by_role("link", name="账户与资料").click()
    expect(page.locator(".crm-chips [aria-current]")).to_have_text("账户与资料")
    expect(page.locator(".crm-timeline .crm-pill")).to_have_count(0)
    page.locator(".crm-chips summary").click()
    page.locator(".crm-chips .crm-menu-list").get_by_role("link", name="回访", exact=True).click()
    expect(page.locator(".crm-chips > [aria-current]")).to_have_text("回访")
    page.go_back()
    expect(page.locator("nav [aria-current=page]").first).to_be_visible()
    page.locator(".crm-dock summary").click()
    expect(page.locator(".crm-dock .crm-menu-list a").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".crm-dock .crm-menu-list a").first).to_be_hidden()


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_a_row_is_edited_in_its_place_and_a_conflict_keeps_what_was_typed(
    browser_page: Page, full: Client, manager: Employee, size: ViewportSize
) -> None:
    page = browser_page
    page.set_viewport_size(size)
    log_in(page, manager)
    page.goto(full.get_absolute_url())
    row = page.locator("#row-notes")
    row.scroll_into_view_if_needed()
    row.hover()
    row.locator(".crm-pencil").click()
    expect(row.locator("textarea")).to_be_focused()
    row.locator("textarea").fill("先发微信")
    row.get_by_role("button", name="保存").click()
    expect(row.locator("form")).to_have_count(0)
    expect(row).to_contain_text("先发微信")
    expect(row.locator(".crm-pencil")).to_be_focused()

    row.locator(".crm-pencil").click()
    row.locator("textarea").fill("我的")
    Client.objects.filter(pk=full.pk).update(notes="别人的")
    row.get_by_role("button", name="保存").click()
    expect(row.get_by_role("alert")).to_contain_text("别人的")
    expect(row.get_by_role("alert")).to_be_focused()
    expect(row.locator("textarea")).to_have_value("我的")
    axe(page)
    row.get_by_role("link", name="取消").click()
    expect(row).to_contain_text("别人的")

    hours = page.locator("#row-hours")
    hours.hover()
    hours.locator(".crm-pencil").click()
    hours.locator("input[type=time]").first.fill("17:00")
    hours.locator("input[type=time]").last.fill("15:00")
    hours.get_by_role("button", name="保存").click()
    expect(hours.get_by_role("alert")).to_be_visible()
    expect(hours.locator("input[type=time]").first).to_have_value("17:00")
