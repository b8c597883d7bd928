"""Conversion and what one can say, in a real browser: drawn, folded, clean for screen readers."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from clients.models import Client
from crm.trading_days import today
from staff.models import Employee
from tests.browser import axe
from tests.dashboards.conversion.test_conversion import opportunity
from tests.factories import CallbackFactory, ClientFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def log_in(page: Page, employee: Employee, address: str) -> None:
    page.goto(f"/accounts/login/?next={address}")
    page.fill("input[name=login]", employee.username)
    page.fill("input[name=password]", "correct-horse-battery")
    page.click("main button[type=submit], form button[type=submit]")
    page.wait_for_url(f"**{address}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_conversion_is_drawn_and_clean(
    browser_page: Page, transactional_db: None, manager: Employee, head: Employee, theme: str
) -> None:
    created = today() - timedelta(days=130)
    for number in range(22):
        client = ClientFactory(manager=manager, prospect=True, recorded_on=created)
        way, days = ("new contacted", (0, 4)) if number % 2 else ("new lost", (0, 9))
        opportunity(client, way, days, created, reason=1)
    Employee.objects.filter(pk=head.pk).update(theme=theme)
    page = browser_page
    log_in(page, head, "/board/conversion/")
    expect(page.locator("[data-chart] canvas")).to_have_count(4)
    expect(page.get_by_role("region", name="竞争对手")).to_be_visible()
    axe(page)
    page.set_viewport_size({"width": 360, "height": 740})
    page.wait_for_function("document.documentElement.scrollWidth <= 360")
    axe(page)


def test_what_one_can_say_unfolds_beside_the_form(
    browser_page: Page, transactional_db: None, manager: Employee, zhou: Client
) -> None:
    page = browser_page
    page.set_viewport_size({"width": 360, "height": 740})
    log_in(page, manager, CallbackFactory(client=zhou).get_absolute_url())
    talk = page.locator("section[aria-labelledby=talk-title]")
    expect(talk.locator("details[open]")).to_have_count(0)
    for summary in talk.locator("summary").all():
        summary.click()
    expect(talk.locator("li")).to_have_count(4 + 6 + 2)
    axe(page)
    talk.locator("a[href^='#outcome-']").click()
    expect(page.locator("[data-outcomes]")).to_be_in_viewport()
    page.wait_for_function("document.documentElement.scrollWidth <= 360")
