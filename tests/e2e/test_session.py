"""A session that ends while somebody types: said at once, and nothing typed is lost."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from playwright.sync_api import Page, expect

from clients.models import Client, Segment
from staff.models import Employee, Role
from tests.cast import Browse
from tests.factories import EmployeeFactory, OpportunityFactory
from visits.models import BannedPhrase, Script
from visits.scripts.services import copy_script

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


BACK = "您之前填写的内容已恢复"


def end_session() -> None:
    Session.objects.all().delete()
    cache.clear()


def log_in_again(page: Page, employee: Employee) -> None:
    """On the login page to which one is led, back to where one was."""
    page.fill("input[name=login]", employee.username)
    page.fill("input[name=password]", "correct-horse-battery")
    page.press("input[name=password]", "Enter")


def held(page: Page) -> str:
    """All that the tab keeps of forms."""
    found: str = page.evaluate(
        "JSON.stringify(Object.entries(sessionStorage).filter(([k]) => k.startsWith('crm-form:')))"
    )
    return found


Addresses = dict[str, tuple[Employee, str, str]]


@pytest.fixture
def addresses(zhang: Client, zhou: Client, manager: Employee, head: Employee) -> Addresses:
    """Forms that one types into for a while: by whom, the address, and a field of words."""
    opportunity = OpportunityFactory(client=zhou)
    segment = Segment.objects.create(key="local", name_zh="本地", branch=manager.branch)
    firm_script = Script.objects.get(key="small_conservative", branch=None)
    script = copy_script(script=firm_script, branch=head.branch)
    boss = EmployeeFactory(
        username="boss",
        role=Role.ADMINISTRATOR,
        branch=head.branch,
        is_staff=True,
        is_superuser=True,
    )
    phrase = BannedPhrase.objects.first()
    assert phrase is not None
    return {
        "client": (manager, f"{zhang.get_absolute_url()}edit/", "notes"),
        "new client": (manager, "/clients/new/", "notes"),
        "prospect": (manager, "/prospects/new/", "notes"),
        "opportunity": (manager, f"{opportunity.get_absolute_url()}edit/", "next_step"),
        "appointment": (manager, f"{zhang.get_absolute_url()}appointment/", "reason"),
        "segment": (head, f"/segments/{segment.pk}/", "name_en"),
        "script": (head, f"/scripts/{script.pk}/edit/", "form-0-title_zh"),
        "admin": (boss, f"/admin/visits/bannedphrase/{phrase.pk}/change/", "why_zh"),
    }


@pytest.mark.parametrize(
    "form",
    [
        "client",
        "new client",
        "prospect",
        "opportunity",
        "appointment",
        "segment",
        "script",
        "admin",
    ],
)
def test_a_form_sent_after_the_end_comes_back_after_the_login(
    form: str,
    addresses: Addresses,
    browser_page: Page,
    browse: Browse,
    live_server: object,
) -> None:
    who, address, name = addresses[form]
    take_session(browser_page, who, browse, str(live_server))
    browser_page.goto(address)
    field = browser_page.locator(f"main [name='{name}'], #content-main [name='{name}']").first
    browser_page.evaluate(
        "document.querySelectorAll('details').forEach((one) => (one.open = true))"
    )
    field.fill("写了很久的话")
    end_session()
    field.evaluate("(field) => field.form.requestSubmit()")
    browser_page.wait_for_url("**/accounts/login/**")
    log_in_again(browser_page, who)
    browser_page.wait_for_url(f"**{address}")
    expect(field).to_have_value("写了很久的话")
    expect(field).to_be_visible()
    expect(browser_page.get_by_text(BACK)).to_be_visible()


def test_what_was_saved_is_kept_no_longer(
    browser_page: Page, zhang: Client, manager: Employee, browse: Browse, live_server: object
) -> None:
    page, address = browser_page, f"{zhang.get_absolute_url()}edit/"
    take_session(page, manager, browse, str(live_server))
    page.goto(address)
    page.fill("[name=notes]", "喜欢稳健的产品")
    assert "喜欢稳健的产品" in held(page)
    # Refused, it is in the form and kept; saved, it goes.
    page.fill("[name=name]", " ")
    page.locator("form[data-once] [type=submit]").last.click()
    expect(page.locator(".crm-errors")).to_be_visible()
    expect(page.get_by_text(BACK)).to_have_count(0)
    assert "喜欢稳健的产品" in held(page)
    page.fill("[name=name]", "张伟")
    page.locator("form[data-once] [type=submit]").last.click()
    page.wait_for_url(f"**{zhang.get_absolute_url()}")
    page.wait_for_function("!Object.keys(sessionStorage).some((k) => k.startsWith('crm-form:'))")
    page.goto(address)
    expect(page.get_by_text(BACK)).to_have_count(0)


def test_a_page_that_one_leaves_oneself_keeps_nothing(
    browser_page: Page, zhang: Client, manager: Employee, browse: Browse, live_server: object
) -> None:
    page, address = browser_page, f"{zhang.get_absolute_url()}edit/"
    take_session(page, manager, browse, str(live_server))
    page.goto(address)
    page.fill("[name=notes]", "喜欢稳健的产品")
    page.goto("/today/")
    page.wait_for_function("!Object.keys(sessionStorage).some((k) => k.startsWith('crm-form:'))")
    page.goto(address)
    expect(page.locator("[name=notes]")).to_have_value(zhang.notes)


def test_numbers_and_passwords_are_never_kept(
    browser_page: Page, zhang: Client, manager: Employee, browse: Browse, live_server: object
) -> None:
    page = browser_page
    take_session(page, manager, browse, str(live_server))
    page.goto("/clients/new/")
    page.locator("summary").filter(has_text="更多").first.click()
    page.fill("[name=name]", "曾丽")
    page.fill("[name=phone]", "138 1234 5678")
    page.fill("[name=identity_number]", "11010519491231002X")
    page.fill("[name=birthday]", "1949-12-31")
    page.fill("[name=notes]", "家里电话 021-58881234，证件 11010519491231002X，2026-12-01 再联系")
    kept = held(page)
    assert "曾丽" in kept
    assert "1949-12-31" in kept
    assert "2026-12-01 再联系" in kept
    for secret in ("1234 5678", "58881234", "11010519491231002", "csrf"):
        assert secret not in kept


def test_what_one_typed_is_nothing_for_the_next(
    browser_page: Page,
    zhang: Client,
    manager: Employee,
    head: Employee,
    browse: Browse,
    live_server: object,
) -> None:
    page, address = browser_page, f"{zhang.get_absolute_url()}edit/"
    take_session(page, manager, browse, str(live_server))
    page.goto(address)
    page.fill("[name=notes]", "喜欢稳健的产品")
    end_session()
    page.goto(address)
    page.wait_for_url("**/accounts/login/**")
    log_in_again(page, head)
    page.wait_for_url(f"**{address}")
    page.wait_for_function("!Object.keys(sessionStorage).some((k) => k.startsWith('crm-form:'))")
    expect(page.locator("[name=notes]")).to_have_value(zhang.notes)


def test_logging_out_forgets_what_was_typed(
    browser_page: Page, zhang: Client, manager: Employee, browse: Browse, live_server: object
) -> None:
    page = browser_page
    take_session(page, manager, browse, str(live_server))
    page.goto(f"{zhang.get_absolute_url()}edit/")
    page.fill("[name=notes]", "喜欢稳健的产品")
    page.locator("form[action*='logout']").first.evaluate("(form) => form.requestSubmit()")
    page.wait_for_url("**/accounts/login/**")
    assert "喜欢" not in held(page)
