"""Clients in a real browser: found while typing, recorded, shown, and free of what axe finds."""

import re

import pytest
from playwright.sync_api import Page, expect

from clients.file.services import refresh_search, set_phones
from clients.models import Client
from crm.models import AccessLog
from staff.models import Employee
from tests.browser import axe
from tests.browser import width as width_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = 360


def log_in(page: Page, employee: Employee) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", employee.username)
    page.fill("input[name=password]", "correct-horse-battery")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)


def fits(page: Page, width: int) -> bool:
    page.set_viewport_size({"width": width, "height": 800})
    return width_of(page) <= width


def test_pages_are_accessible_and_fit_a_phone(
    browser_page: Page, zhang: Client, head: Employee
) -> None:
    set_phones(client=zhang, numbers=["+8613812341234"])
    log_in(browser_page, head)
    file = zhang.get_absolute_url()
    for url in ("/clients/", "/clients/?segment=x", "/clients/new/", file, f"{file}edit/"):
        browser_page.goto(url)
        assert fits(browser_page, PHONE), url
        axe(browser_page)
        assert fits(browser_page, 1280), url
        axe(browser_page)


def test_a_client_is_recorded_found_and_shown(browser_page: Page, manager: Employee) -> None:
    page = browser_page
    log_in(page, manager)
    page.goto("/clients/")
    page.locator("a.btn-primary[href='/clients/new/']").first.click()
    page.fill("#id_name", "曾丽")
    page.fill("#id_phone", "1381234abcd")
    page.locator("form[data-once] [type=submit]").click()
    expect(page.locator(".crm-errors")).to_be_focused()
    assert page.input_value("#id_phone") == "1381234abcd"
    page.fill("#id_phone", "138 1234 1234")
    page.locator("form[data-once] [type=submit]").click()
    page.wait_for_url(re.compile(r"/clients/[0-9a-f-]{36}/$"))
    expect(page.locator("dd").get_by_text("138****1234")).to_be_visible()

    page.locator("dd details summary").first.click()
    page.fill("dd details input[name=reason]", "客户来电核对")
    page.locator("dd details button").click()
    expect(page.get_by_text("+8613812341234")).to_be_visible()
    assert AccessLog.objects.get().reason == "客户来电核对"

    page.goto("/clients/")
    page.locator("#search").press_sequentially("zengl", delay=20)
    hit = page.locator("#search-hits a").first
    expect(hit).to_contain_text("曾丽")
    expect(page.locator("#search-hits[data-for=zengl]")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/clients/[0-9a-f-]{36}/$"))


def test_filters_narrow_the_list_as_they_are_chosen(
    browser_page: Page, zhang: Client, zhou: Client, manager: Employee
) -> None:
    for client in (zhang, zhou):
        refresh_search(client=client)
    page = browser_page
    log_in(page, manager)
    page.goto("/clients/")
    page.get_by_role("link", name="更多筛选").click()
    page.select_option("#filters [name=lifecycle]", "prospect")
    page.locator("#filters button[type=submit]").click()
    page.wait_for_url("**lifecycle=prospect**")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("周婷")
