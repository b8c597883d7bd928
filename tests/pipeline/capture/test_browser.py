"""Quick capture and the public form on a phone, in a real browser."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from clients.models import Client
from crm.trading_days import today
from pipeline.capture import public_services, qr_codes
from pipeline.models import CaptureEntry
from staff.models import Employee
from tests.browser import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_prospect_is_taken_down_and_called(browser_page: Page, manager: Employee) -> None:
    page = browser_page
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/accounts/login/?next=/prospects/new/")
    page.fill("input[name=login]", manager.username)
    page.fill("input[name=password]", "correct-horse-battery")
    page.click("main button[type=submit], form button[type=submit]")
    page.wait_for_url("**/prospects/new/")
    axe(page)
    page.fill("input[name=name]", "曾丽")
    page.fill("input[name=phone]", "13812341234")
    warning = page.locator("#type-delegating + label + .crm-guide .alert-danger")
    expect(warning).to_be_hidden()
    page.locator("summary", has_text="更多").click()
    page.click("label[for=type-delegating]")
    expect(warning).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("form .crm-form-end button[type=submit]").click()
    page.wait_for_url("**/prospects/new/?done=*")
    axe(page)
    page.locator("a.btn-primary[href^='/callbacks/']").click()
    page.wait_for_url("**/callbacks/*/")
    page.goto("/prospects/qr/")
    axe(page)
    assert Client.objects.get().prospect_type == "delegating"


def test_somebody_outside_fills_in_the_form(
    browser_page: Page, manager: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_services, "FASTEST", 0)
    link = qr_codes.make(employee=manager, valid_until=today() + timedelta(days=1))
    page = browser_page
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(link.path)
    axe(page)
    expect(page.locator("input[name=website]")).not_to_be_in_viewport()
    page.fill("input[name=name]", "曾丽")
    page.fill("input[name=phone]", "13812341234")
    page.click("main button[type=submit].btn-primary")
    expect(page.locator(".crm-errors")).to_be_visible()
    page.check("input[name=agree]")
    page.click("main button[type=submit].btn-primary")
    expect(page.locator(".crm-errors")).to_have_count(0)
    axe(page)
    assert CaptureEntry.objects.get().client.name == "曾丽"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
