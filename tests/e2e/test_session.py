"""A session that ends while somebody types: said at once, and nothing typed is lost."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from playwright.sync_api import Page, expect

from clients.models import Client
from staff.models import Employee
from tests.cast import Browse

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def take_session(page: Page, employee: Employee, browse: Browse, url: str) -> None:
    """Log in, as in another tab of the same browser."""
    name = settings.SESSION_COOKIE_NAME
    cookie: Any = {"name": name, "value": browse(employee).cookies[name].value, "url": url}
    page.context.add_cookies([cookie])


def test_what_is_typed_stays_until_one_has_logged_in_again(
    browser_page: Page, zhang: Client, manager: Employee, browse: Browse, live_server: object
) -> None:
    take_session(browser_page, manager, browse, str(live_server))
    browser_page.clock.install()
    browser_page.goto(f"{zhang.get_absolute_url()}edit/")
    notes = browser_page.locator("textarea[name=notes]")
    notes.fill("喜欢稳健的产品")
    Session.objects.all().delete()
    cache.clear()
    browser_page.clock.fast_forward(21_000)
    notice = browser_page.locator("#toasts .crm-toast-warning")
    expect(notice).to_contain_text("登录已过期")

    save = browser_page.locator("main form[method=post] [type=submit]").last
    save.click()
    assert browser_page.url.endswith("/edit/")
    expect(notes).to_have_value("喜欢稳健的产品")

    take_session(browser_page, manager, browse, str(live_server))
    browser_page.clock.fast_forward(21_000)
    expect(notice).to_have_count(0)
    save.click()
    browser_page.wait_for_url(f"**{zhang.get_absolute_url()}")
    zhang.refresh_from_db()
    assert zhang.notes == "喜欢稳健的产品"
