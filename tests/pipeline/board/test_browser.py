"""The board in a real browser: keyboard, menu, dragging; and without JavaScript."""

import pytest
from playwright.sync_api import Browser, Page, expect

from clients.models import Client
from pipeline.models import Opportunity, Stage, StageMove
from pipeline.opportunities.services import move
from staff.models import Employee
from tests.browser import axe
from tests.factories import ClientFactory, OpportunityFactory

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
    expect(page.locator("#board-says")).to_contain_text("周婷")
    # The focus goes with the card, so that the next key moves it on; the figures follow.
    expect(name).to_be_focused()
    expect(page.locator("#head-none-contacted a")).to_contain_text("1")
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator(column(page, "interested"))).to_have_count(1)
    expect(name).to_be_focused()
    page.locator("[data-move]").click()
    expect(page.locator("#move")).to_be_visible()
    axe(page)
    page.locator("#move [data-to=new]").click()
    expect(page.locator(column(page, "new"))).to_have_count(1)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    card = page.locator(column(page, "new"))
    card.drag_to(page.locator("[data-stage=contacted]"), source_position={"x": 100, "y": 30})
    expect(page.locator(column(page, "contacted"))).to_have_count(1)
    expect(page.locator("#board-says")).to_contain_text("2")
    opportunity.refresh_from_db()
    assert opportunity.stage.key == "contacted"
    assert StageMove.objects.count() == 4


def test_what_a_move_did_is_said_after_the_focus(
    browser_page: Page, opportunity: Opportunity, manager: Employee
) -> None:
    """A screen reader drops for the focus what was said before it."""
    page = browser_page
    log_in(page, manager)
    page.locator(".crm-card-name").focus()
    page.evaluate(
        "window.heard = [];"
        "document.addEventListener('focusin', () => window.heard.push('focus'));"
        "new MutationObserver(() => window.heard.push("
        " document.getElementById('board-says').textContent && 'said'))"
        ".observe(document.getElementById('board-says'), {childList: true})"
    )
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#board-says")).to_contain_text("周婷")
    heard = [what for what in page.evaluate("window.heard") if what]
    assert heard[-2:] == ["focus", "said"], heard
    assert "said" not in heard[:-1]


def test_the_second_mover_sees_the_card_where_it_is(
    browser_page: Page, opportunity: Opportunity, manager: Employee, head: Employee
) -> None:
    page = browser_page
    log_in(page, manager)
    interested = Stage.objects.get(key="interested")
    move(opportunity=opportunity, stage=interested, by=head, version=1)
    page.locator(".crm-card-name").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#toasts")).to_contain_text(head.full_name)
    expect(page.locator(column(page, "interested"))).to_have_count(1)
    expect(page.locator(".crm-board-card")).to_have_count(1)
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.locator(column(page, "contacted"))).to_have_count(1)


def test_a_refused_card_goes_home(
    browser_page: Page, opportunity: Opportunity, manager: Employee
) -> None:
    page = browser_page
    log_in(page, manager)
    Stage.objects.filter(key="contacted").update(is_active=False)
    page.locator(".crm-card-name").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#toasts .crm-toast")).to_have_count(1)
    expect(page.locator(column(page, "new"))).to_have_count(1)
    assert not StageMove.objects.exists()


def test_arrow_keys_walk_and_more_cards_come(
    browser_page: Page, opportunity: Opportunity, manager: Employee
) -> None:
    for client in ClientFactory.create_batch(30, manager=manager, prospect=True):
        OpportunityFactory(client=client)
    page = browser_page
    log_in(page, manager)
    cards = page.locator(column(page, "new"))
    expect(cards).to_have_count(25)
    cards.first.locator(".crm-card-name").focus()
    page.keyboard.press("ArrowDown")
    expect(cards.nth(1).locator(".crm-card-name")).to_be_focused()
    page.locator(".crm-board-more a").click()
    expect(cards).to_have_count(31)
    expect(page.locator(".crm-board-more")).to_have_count(0)


@pytest.mark.parametrize("path", ["/pipeline/?filters=1", "/pipeline/list/", "/pipeline/calendar/"])
def test_its_other_pages_can_be_read_by_everyone(
    browser_page: Page, opportunity: Opportunity, manager: Employee, path: str
) -> None:
    page = browser_page
    log_in(page, manager)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_losing_asks_why(browser_page: Page, opportunity: Opportunity, manager: Employee) -> None:
    page = browser_page
    log_in(page, manager)
    page.locator("[data-move]").click()
    page.locator("#move [data-to=lost]").click()
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
    page.locator("[data-move]").click()
    page.wait_for_url("**/move/*")
    page.select_option("select[name=stage]", "contacted")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/pipeline/")
    assert page.locator(column(page, "contacted")).count() == 1
    context.close()
