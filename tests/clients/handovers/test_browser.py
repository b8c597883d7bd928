"""Ten clients are handed out in six clicks, from where a head begins."""

import pytest
from playwright.sync_api import Page, expect

from clients.models import HandOver
from staff.models import Employee
from tests.clients.handovers.test_sharing import worth
from tests.factories import ClientFactory
from tests.visits.contacts.test_browser import DESK, look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_ten_clients_are_handed_out_in_six_clicks(
    browser_page: Page, manager: Employee, colleague: Employee, head: Employee
) -> None:
    for number in range(10):
        worth(ClientFactory(manager=manager), 100_000 * number)
    page = browser_page
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.goto("/accounts/login/")
    page.fill("input[name=login]", head.username)
    page.fill("input[name=password]", "correct-horse-battery")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
    clicks = 0

    def click(selector: str) -> None:
        nonlocal clicks
        clicks += 1
        page.locator(selector).first.click()

    click("nav a[href='/hand-overs/']")
    click("main a[href='/hand-overs/new/']")
    page.locator("[name=origin]").select_option(str(manager.pk))
    clicks += 1
    expect(page.locator("#book tbody tr")).to_have_count(10)
    look(page, "hand-over-1280")
    click(f"[name=receivers][value='{colleague.pk}']")
    page.fill("[name=reason]", "调岗")
    page.press("[name=reason]", "Enter")  # The preview.
    expect(page.locator("[name=at_once]")).to_be_visible()
    look(page, "hand-over-preview-1280")
    click("[name=at_once]")
    page.wait_for_url("**/hand-overs/*/")
    assert clicks == 5
    row = HandOver.objects.get()
    assert (row.items.count(), row.state != "asked") == (10, True)
    look(page, "hand-over-decided-1280")
