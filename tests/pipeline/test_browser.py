"""The board in a real browser: keyboard, menu, dragging; and without JavaScript."""

import pytest
from playwright.sync_api import Browser, Page, expect

from clients.models import Client
from pipeline.models import Opportunity, StageMove
from staff.models import Employee
from tests.browser import axe
from tests.factories import OpportunityFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def opportunity(transactional_db: None, zhou: Client) -> Opportunity:
    return OpportunityFactory(client=zhou, amount=500_000, next_step="Call")


def log_in(page: Page, employee: Employee) -> None:
    page.goto("/accounts/login/?next=/pipeline/")
    page.fill("input[name=login]", employee.username)
    page.fill("input[name=password]", "correct-horse-battery")
    page.click("main button[type=submit], form button[type=submit]")
    page.wait_for_url("**/pipeline/")


def column(page: Page, key: str) -> str:
    return f"[data-stage={key}] [data-card]"


def test_a_card_moves_by_keyboard_menu_and_drag(
    browser_page: Page, opportunity: Opportunity, manager: Employee
) -> None:
    page = browser_page
    log_in(page, manager)
    axe(page)
    name = page.locator(".crm-card-name")
    name.focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator(column(page, "contacted"))).to_have_count(1)
    # The focus goes with the card, so that the next key moves it on.
    expect(name).to_be_focused()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator(column(page, "interested"))).to_have_count(1)
    page.locator("[data-card] summary").click()
    axe(page)
    page.locator("[data-card] button[value=opening]").click()
    expect(page.locator(column(page, "opening"))).to_have_count(1)
    card = page.locator(column(page, "opening"))
    card.drag_to(page.locator("[data-stage=assessed]"), source_position={"x": 100, "y": 30})
    expect(page.locator(column(page, "assessed"))).to_have_count(1)
    opportunity.refresh_from_db()
    assert opportunity.stage.key == "assessed"
    assert StageMove.objects.count() == 4


def test_losing_asks_why(browser_page: Page, opportunity: Opportunity, manager: Employee) -> None:
    page = browser_page
    log_in(page, manager)
    page.locator("[data-card] summary").click()
    page.locator("[data-card] button[value=lost]").click()
    page.wait_for_url("**/move/?*")
    axe(page)
    page.select_option("select[name=lost_reason]", index=1)
    page.click("main form button[type=submit]")
    page.wait_for_url("**/pipeline/")
    expect(page.locator("[data-stage=lost] .crm-board-card")).to_have_count(1)
    opportunity.refresh_from_db()
    assert opportunity.state == "lost"


def test_it_moves_without_javascript(
    chromium: Browser, live_server: str, opportunity: Opportunity, manager: Employee
) -> None:
    context = chromium.new_context(base_url=str(live_server), java_script_enabled=False)
    page = context.new_page()
    log_in(page, manager)
    page.locator("[data-card] summary").click()
    page.locator("[data-card] button[value=contacted]").click()
    page.wait_for_url("**/pipeline/")
    assert page.locator(column(page, "contacted")).count() == 1
    page.locator("[data-card] summary").click()
    page.locator("[data-card] button[value=opened]").click()
    page.wait_for_url("**/move/?*")
    assert page.locator("input[name=opened_on]").count() == 1
    context.close()
