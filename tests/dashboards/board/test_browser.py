"""The board of figures in a real browser: charts are drawn, and clean for screen readers."""

import pytest
from playwright.sync_api import Page, expect

from clients.models import Client
from staff.models import Employee
from tests.browser import axe
from tests.factories import CallbackFactory, VisitFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_charts_are_drawn_and_the_page_is_clean(
    browser_page: Page, transactional_db: None, zhang: Client, head: Employee, theme: str
) -> None:
    CallbackFactory(client=zhang)
    VisitFactory(client=zhang)
    Employee.objects.filter(pk=head.pk).update(theme=theme)
    page = browser_page
    page.goto("/accounts/login/?next=/board/")
    page.fill("input[name=login]", head.username)
    page.fill("input[name=password]", "correct-horse-battery")
    page.click("main button[type=submit], form button[type=submit]")
    page.wait_for_url("**/board/")
    expect(page.locator("[data-chart] canvas")).to_have_count(4)
    for summary in page.locator("main details summary").all():
        summary.click()
    axe(page)
    page.set_viewport_size({"width": 360, "height": 740})
    # The charts follow the window in the frame after.
    page.wait_for_function("document.documentElement.scrollWidth <= 360")
    axe(page)
