"""Lists in a real browser: the bar of what is ticked, how many clicks a change takes, its undo."""

import os
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from clients.figures.derive import derive
from clients.file.services import set_phones
from clients.models import Client, ClientTag, HandOver
from crm import trading_days
from crm.trading_days import today
from staff.models import Employee
from tests.e2e.test_client_pages import Sit, looks_right, sit
from tests.factories import (
    CallbackFactory,
    ClientFactory,
    FundAccountFactory,
    MonthlyFigureFactory,
)
from visits.models import Callback

__all__ = ["sit"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CLICKS = """
window.addEventListener("click", () => {
  sessionStorage.setItem("clicks", Number(sessionStorage.getItem("clicks")) + 1);
}, true);
"""


def clicks(page: Page) -> int:
    """How often the mouse was pressed since the last time, on all pages of the way."""
    return int(
        page.evaluate(
            "() => { const n = sessionStorage.getItem('clicks') || 0;"
            " sessionStorage.removeItem('clicks'); return n; }"
        )
    )


def book(manager: Employee) -> list[Client]:
    """Twelve clients with money, a phone and something planned."""
    names = [
        "陆家豪",
        "王学文",
        "杨帅",
        "石永强",
        "李雪",
        "陈阳",
        "袁立新",
        "蔡永强",
        "杜欣",
        "沈立群",
        "郭语桐",
        "黄玲",
    ]
    clients = []
    month = today().replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    for n, name in enumerate(names):
        client = ClientFactory(
            name=name,
            title="ms" if n % 3 else "mr",
            manager=manager,
            risk_grade=f"C{n % 5 + 1}",
            risk_expires_on=today() + timedelta(days=(n - 1) * 20),
            last_contact_on=today() - timedelta(days=n * 7) if n % 4 else None,
            lifecycle="prospect" if n == 5 else "client",
        )
        set_phones(client=client, numbers=[f"+861380000{n:02}73"])
        if n % 5 != 4:
            account = FundAccountFactory(client=client)
            MonthlyFigureFactory(account=account, month=before, assets=1_000_000 * (n + 1))
            MonthlyFigureFactory(
                account=account, month=month, assets=990_000 * (n + 1) + n * 25_000
            )
        if n % 3 != 2:
            CallbackFactory(client=client, due_on=today() + timedelta(days=(n - 3) * 2))
        clients.append(client)
    derive()
    return clients


def shots(page: Page, name: str) -> None:
    """Pictures for people, where the environment says a folder."""
    folder = os.environ.get("SHOTS")
    if not folder:
        return
    for width, theme in ((1280, "light"), (390, "light"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate("t => document.documentElement.setAttribute('data-bs-theme', t)", theme)
        page.screenshot(path=f"{folder}/{name}-{width}-{theme}.png")
    page.evaluate("() => document.documentElement.setAttribute('data-bs-theme', 'light')")
    page.set_viewport_size({"width": 1280, "height": 844})


def test_three_clients_are_tagged_in_five_clicks_and_taken_back(
    manager: Employee, sit: Sit
) -> None:
    clients = book(manager)
    page = sit(manager)
    page.add_init_script(CLICKS)
    page.set_viewport_size({"width": 1280, "height": 844})
    page.goto("/clients/")
    looks_right(page, "clients")
    page.set_viewport_size({"width": 1280, "height": 844})
    page.hover("tbody tr:nth-child(4)")
    shots(page, "clients")
    bar = page.locator("#bulk")
    expect(bar).to_be_hidden()
    clicks(page)
    for client in clients[:3]:
        page.locator("tbody tr", has_text=client.name).locator("input").click()
    expect(bar).to_contain_text("3")
    shots(page, "bar")
    bar.locator("summary").first.click()
    shots(page, "bar-tag")
    # The field has the focus: one types at once.
    page.keyboard.type("企业主")
    bar.locator("button[value=tag]").click()
    toast = page.locator(".crm-toast form button")
    expect(toast).to_be_visible()
    assert clicks(page) <= 5
    assert ClientTag.objects.filter(tag__name="企业主").count() == 3
    shots(page, "toast")
    # Long enough to be read.
    page.wait_for_timeout(5_500)
    toast.click()
    expect(page.locator(".crm-toast form")).to_have_count(0)
    assert not ClientTag.objects.exists()


def test_an_undo_after_somebody_elses_change_says_so(manager: Employee, sit: Sit) -> None:
    client = book(manager)[0]
    page = sit(manager)
    page.goto("/clients/")
    page.locator("tbody tr", has_text=client.name).locator("input").click()
    page.locator("#bulk summary").first.click()
    page.keyboard.type("企业主")
    page.keyboard.press("Enter")
    button = page.locator(".crm-toast form button")
    expect(button).to_be_visible()
    ClientTag.objects.all().delete()
    button.click()
    expect(page.locator("main")).to_contain_text("已被他人修改")


def test_ten_clients_are_handed_out_in_six_clicks(
    head: Employee, manager: Employee, colleague: Employee, sit: Sit
) -> None:
    book(manager)
    page = sit(head)
    page.add_init_script(CLICKS)
    page.goto("/clients/")
    boxes = page.locator("tbody .crm-tick input")
    clicks(page)
    boxes.nth(0).click()
    boxes.nth(9).click(modifiers=["Shift"])
    expect(page.locator("#bulk")).to_contain_text("10")
    page.locator("#bulk [formaction='/hand-overs/new/']").click()
    page.locator(f"input[name=receivers][value='{colleague.pk}']").click()
    page.fill("input[name=reason]", "调岗")
    page.locator("form.crm-boxes .btn-primary").click()
    page.locator("button[name=ask]").click()
    page.wait_for_url("**/hand-overs/*/")
    assert clicks(page) <= 6
    assert HandOver.objects.get().items.count() == 10


def test_all_that_match_and_the_filters(manager: Employee, sit: Sit) -> None:
    book(manager)
    ClientFactory.create_batch(20, manager=manager)
    page = sit(manager)
    page.goto("/clients/")
    page.locator("[data-tick-all]").click()
    page.locator("[data-everything]").click()
    expect(page.locator("#bulk strong")).to_contain_text("32")
    page.locator("#bulk button[type=reset]").click()
    expect(page.locator("#bulk")).to_be_hidden()
    page.locator("a[hx-target='#filters']").click()
    page.select_option("#filter-assets_from", "3000000")
    shots(page, "filters")
    page.locator("#filters [type=submit]").click()
    chip = page.locator("main a.btn-tint.rounded-pill")
    expect(chip).to_contain_text("300 万")
    shots(page, "chips")
    chip.click()
    expect(page.locator("main a.btn-tint.rounded-pill")).to_have_count(0)
    page.set_viewport_size({"width": 390, "height": 844})
    looks_right(page, "clients on a phone")


def test_callbacks_are_moved_and_cancelled_from_the_bar(manager: Employee, sit: Sit) -> None:
    book(manager)
    page = sit(manager)
    page.goto("/callbacks/")
    looks_right(page, "callbacks")
    page.hover("tbody tr:nth-child(2)")
    shots(page, "callbacks")
    rows = page.locator("tbody .crm-tick input")
    moved = [rows.nth(n).input_value() for n in (0, 1)]
    for n in (0, 1):
        rows.nth(n).click()
    page.fill("#bulk-reason", "客户要求")
    page.locator("#bulk summary").click()
    day = trading_days.on_or_after(today() + timedelta(days=2))
    page.fill("#bulk-day", day.isoformat())
    shots(page, "callbacks-bar")
    page.locator("#bulk button[value=move]").click()
    expect(page.locator("#toasts")).to_contain_text("2")
    found = Callback.objects.filter(public_id__in=moved)
    assert set(found.values_list("due_on", flat=True)) == {day}
    rows.nth(0).click()
    page.locator("#bulk button[value=cancel]").click()
    # Without a reason the form comes back and asks for it.
    page.fill("#id_reason", "重复")
    looks_right(page, "cancel")
    page.locator("form[action='/callbacks/bulk/'] .btn-primary").click()
    expect(page.locator("#toasts")).to_contain_text("取消")
    page.goto("/visits/")
    looks_right(page, "visits")
    shots(page, "visits")
