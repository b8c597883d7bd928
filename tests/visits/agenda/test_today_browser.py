"""Today in a real browser: how long it is on a phone, and what is folded there."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from clients.models import DerivedProfile, Segment
from crm.trading_days import today
from pipeline.ranking import scoring
from staff.models import Employee
from tests.factories import CallbackFactory, ClientFactory, OpportunityFactory, VisitFactory
from tests.visits.contacts.test_browser import log_in, look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=900)
CALLBACKS = 16
MOST_PIXELS = 1500


def across(page: Page, selector: str) -> float:
    """How wide an element is drawn."""
    return float(page.locator(selector).evaluate("(one) => one.getBoundingClientRect().width"))


@pytest.fixture
def full_day(manager: Employee) -> None:
    """Sixteen callbacks that have all a row may say: late, due, assets, last words, an attempt."""
    segment = Segment.objects.get(key="small_conservative")
    clients = ClientFactory.create_batch(CALLBACKS, manager=manager, segment=segment, title="mr")
    for number, client in enumerate(clients):
        VisitFactory(client=client, notes="聊了行情轮动，想多看看研究报告，约好下个月再谈资产配置")
        DerivedProfile.objects.create(
            client=client, as_of=today(), assets=1_508_630 + number, idle_months=0
        )
        late = timedelta(days=number) if number < 4 else timedelta(0)
        reason = "测评 12-13 到期，并做定期回访，再问一下转托管的进展"
        CallbackFactory(client=client, due_on=today() - late, reason=reason, attempts=number % 2)
    for prospect in ClientFactory.create_batch(4, manager=manager, prospect=True):
        OpportunityFactory(client=prospect, amount=Decimal(300_000))
    scoring.refresh()
    CallbackFactory(client=clients[0], due_on=today() + timedelta(days=2))


def test_it_is_short_on_a_phone_with_sixteen_callbacks(
    browser_page: Page, manager: Employee, full_day: None
) -> None:
    page = browser_page
    page.set_viewport_size(PHONE)
    log_in(page, manager)
    rows = page.locator(".crm-work .crm-row")
    assert rows.count() >= CALLBACKS
    look(page, "today-phone")
    assert page.evaluate("document.documentElement.scrollHeight") <= MOST_PIXELS
    part = page.locator("details[data-fold-phone]").last
    expect(part).not_to_have_attribute("open", "")
    part.locator("summary").click()
    expect(part).to_have_attribute("open", "")
    look(page, "today-phone-next")


def test_what_is_beside_the_work_stands_open_at_a_desk(
    browser_page: Page, manager: Employee, full_day: None
) -> None:
    page = browser_page
    page.set_viewport_size(DESK)
    log_in(page, manager)
    expect(page.locator("details[data-fold-phone]").first).to_have_attribute("open", "")
    look(page, "today-desk")


def test_the_side_bar_goes_down_to_its_icons_and_stays_so(
    browser_page: Page, manager: Employee, full_day: None
) -> None:
    page = browser_page
    page.set_viewport_size(DESK)
    log_in(page, manager)
    wide = across(page, ".crm-side")
    page.locator("[data-side-toggle]").click()
    page.goto("/callbacks/")
    assert across(page, ".crm-side") < 80 < wide
    place = page.locator(".crm-side a[href='/calendar/']")
    expect(place).to_have_accessible_name(re.compile("日历|Calendar"))
    look(page, "side-narrow")
    page.locator("#search").focus()
    assert across(page, "#search") > 200
    page.locator("[data-side-toggle]").click()
    page.reload()
    assert across(page, ".crm-side") == wide
