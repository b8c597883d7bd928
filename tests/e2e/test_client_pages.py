"""The pages of clients in a real browser: read by everyone, whole on a phone, all in Chinese."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from playwright.sync_api import Page, Route, expect

from clients.consents import services as consents
from clients.documents import services as documents
from clients.exporting import services as exporting
from clients.file.services import refresh_search, set_phones
from clients.handovers import services as handovers
from clients.models import Client, Consent, Household, Segment
from clients.relations import services as relations
from clients.relations.services import Contact
from crm.trading_days import today
from demo.papers import page as pdf
from demo.papers import scan
from staff.models import Employee
from tests.browser import axe
from tests.browser import width as width_of
from tests.cast import Browse
from tests.factories import (
    ClientFactory,
    FundAccountFactory,
    MonthlyFigureFactory,
    OpportunityFactory,
    VisitFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Sit = Callable[[Employee], Page]
# Words that are the same in Chinese.
COMMON = {
    "jpeg",
    "webp",
    "xlsx",
    "toml",
    "csv",
    "pdf",
    "png",
    "excel",
    "ctrl",
    "errors",
    "https",
    "webhook",
}


@pytest.fixture
def sit(browser_page: Page, browse: Browse, live_server: object) -> Sit:
    """``sit(manager)`` gives a page in which Wang is logged in."""

    def at_desk(employee: Employee) -> Page:
        name = settings.SESSION_COOKIE_NAME
        value = browse(employee).cookies[name].value
        cookie: Any = {"name": name, "value": value, "url": str(live_server)}
        browser_page.context.add_cookies([cookie])
        return browser_page

    return at_desk


def looks_right(page: Page, name: str = "") -> None:
    """Nothing for axe, no sideways scroll, and no English word on the page as it stands."""
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert width_of(page) <= width, (name, width)
        axe(page)
    words = re.findall(r"[A-Za-z]{4,}", page.locator("main").inner_text())
    assert {word.lower() for word in words} <= COMMON, (name, words)


@pytest.fixture
def known(zhang: Client, zhou: Client, manager: Employee, settings: Any, tmp_path: Path) -> Client:
    """Zhang with all that a file can hold."""
    settings.MEDIA_ROOT = tmp_path
    set_phones(client=zhang, numbers=["+8613812341234"])
    wife = ClientFactory(name="李娜", name_pinyin="lina", title="ms", manager=manager)
    relations.join_household(client=zhang, other=wife, relation="spouse")
    relations.set_referrer(client=zhou, referrer=zhang)
    someone = Contact(name="陈刚", role="proxy", position="兄弟", phone="+8613900001111")
    relations.add_contact(client=zhang, contact=someone)
    consents.give(
        client=zhang, purpose="service", channel="phone", on=today(), proof="协议", by=manager
    )
    file = ContentFile(pdf("1"), name="协议.pdf")
    documents.add(client=zhang, kind="agreement", title="协议", file=file, by=manager)
    account = FundAccountFactory(client=zhang, opened_on=date(2025, 1, 1))
    MonthlyFigureFactory(account=account, month=date(2026, 1, 1), source="柜台")
    VisitFactory(client=zhang, employee=manager)
    OpportunityFactory(client=zhang)
    return zhang


def test_the_file_of_a_client_and_all_that_hangs_on_it(
    known: Client, manager: Employee, sit: Sit
) -> None:
    page, base = sit(manager), known.get_absolute_url()
    for part in ("", "timeline/", "history/", "accounts/", "relations/", "consents/", "documents/"):
        page.goto(f"{base}{part}")
        page.wait_for_load_state("networkidle")
        looks_right(page, part)
    household = Household.objects.get()
    page.goto(f"{base}timeline/?household={household.pk}")
    looks_right(page, "household")


def test_lists_and_what_waits(
    known: Client, head: Employee, regional_head: Employee, sit: Sit
) -> None:
    exporting.ask(
        by=head, query="", format="csv", in_clear=True, reason="短信名单", language="zh-hans"
    )
    page = sit(head)
    columns = "&".join(f"cols={key}" for key in ("segment", "size", "style", "activity", "contact"))
    for address in (
        f"/clients/?{columns}&sort=-contact&quiet=30",
        "/clients/export/",
        "/exports/",
        "/duplicates/",
        "/hand-overs/",
        "/hand-overs/new/",
        "/segments/",
        "/segments/new/",
        "/imports/",
        "/figures/",
    ):
        page.goto(address)
        looks_right(page, address)
    page = sit(regional_head)
    page.goto("/exports/")
    looks_right(page)
    page.get_by_role("button", name="批准").click()
    expect(page.locator("main")).not_to_contain_text("短信名单")


def test_a_phone_shows_a_list_as_blocks_and_scrolls_nothing_sideways(
    known: Client, manager: Employee, sit: Sit
) -> None:
    page = sit(manager)
    page.set_viewport_size({"width": 360, "height": 740})
    for address in ("/clients/", "/visits/", "/pipeline/list/"):
        page.goto(address)
        wrap = page.locator(".table-responsive")
        assert wrap.evaluate("box => box.scrollWidth <= box.clientWidth"), address
        cells = wrap.locator("tbody tr").first.locator("td:not(:empty, .crm-wide)")
        assert cells.count() > 2, address
        for cell in cells.all():
            expect(cell).to_be_visible()
    # Which of them: the one that is chosen is within sight, however long the bar is.
    page.goto("/callbacks/?status=done")
    expect(page.locator(".crm-switch [aria-current]").first).to_be_in_viewport(ratio=0.9)


def test_on_a_phone_filters_wait_behind_a_button_until_they_are_used(
    known: Client, manager: Employee, sit: Sit
) -> None:
    page = sit(manager)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/clients/")
    field = page.locator("#filters select[name=segment]")
    expect(field).to_have_count(0)
    page.get_by_role("link", name="更多筛选").click()
    expect(field).to_be_visible()
    axe(page)
    field.select_option(index=1)
    with page.expect_navigation():
        page.locator("#filters button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("客户群")


def test_who_may_not_own_clients_reads_a_sentence(operations: Employee, sit: Sit) -> None:
    page = sit(operations)
    for address in ("/clients/", "/figures/", "/imports/"):
        page.goto(address)
        looks_right(page, address)


def test_a_document_is_added_and_read_in_the_page(
    zhang: Client, manager: Employee, sit: Sit, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    page, base = sit(manager), f"{zhang.get_absolute_url()}documents/"
    for name, content in (("form.png", scan(Random(1))), ("agreement.pdf", pdf("7"))):
        (tmp_path / name).write_bytes(content)
        page.goto(base)
        page.select_option("#id_kind", "agreement")
        page.fill("#id_title", "协议" if name.endswith("pdf") else "表格")
        page.set_input_files("input[type=file]", str(tmp_path / name))
        page.get_by_role("button", name="上传").click()
        expect(page.locator(".crm-list > li.d-flex")).to_have_count(1 if name == "form.png" else 2)
    page.locator(".crm-list > li.d-flex a", has_text="表格").click()
    expect(page.locator("#preview img")).to_be_visible()
    expect(page.locator("#preview img")).to_have_js_property("naturalWidth", 480)
    looks_right(page, "picture")
    page.locator(".crm-list > li.d-flex a", has_text="协议").click()
    expect(page.locator("#preview iframe")).to_be_visible()
    # Where the frame is refused, nothing of it can be read.
    expect(page.locator("#preview iframe")).to_have_js_property(
        "contentDocument.contentType", "application/pdf"
    )
    looks_right(page, "pdf")
    entry = page.locator(".crm-list > li.d-flex", has_text="表格")
    entry.locator("summary").click()
    entry.locator("input[name=reason]").fill("扫描不清")
    entry.get_by_role("button").click()
    expect(entry).to_contain_text("扫描不清")


def test_wishes_are_kept_and_a_consent_is_withdrawn(
    zhang: Client, manager: Employee, sit: Sit
) -> None:
    page = sit(manager)
    page.goto(f"{zhang.get_absolute_url()}consents/")
    page.select_option("#id_purpose", "service")
    page.select_option("#id_channel", "phone")
    page.fill("#id_proof", "开户协议")
    page.locator("form[action$='give/'] [type=submit]").click()
    page.locator("summary", has_text="撤回").click()
    page.locator("form[action$='withdraw/'] input[name=how]").fill("来电要求")
    page.locator("form[action$='withdraw/'] [type=submit]").click()
    expect(page.locator("main")).to_contain_text("来电要求")
    assert Consent.objects.get().withdrawn_on == today()
    zhang.refresh_from_db()
    assert zhang.calls_refused
    looks_right(page)


def test_a_client_is_found_by_keyboard_alone(known: Client, manager: Employee, sit: Sit) -> None:
    refresh_search(client=known)
    page = sit(manager)
    page.goto("/pipeline/")
    page.keyboard.press("Control+k")
    expect(page.locator("#search")).to_be_focused()
    hit = page.locator("#search-hits a").first
    for typed in ("zw", "1234", "张伟"):
        page.locator("#search").fill("")
        with page.expect_response(f"**/clients/search/?q={quote(typed)}"):
            page.keyboard.insert_text(typed)
        expect(hit).to_contain_text("张伟")
    expect(page.locator("#search-hits[data-for='张伟']")).to_be_visible()
    page.keyboard.press("ArrowDown")
    axe(page)
    # A late answer with the same client in it does not take the choice away.
    with page.expect_response("**/clients/search/**"):
        page.keyboard.press("Backspace")
    expect(page.locator("#search-hits a[aria-selected=true]")).to_contain_text("张伟")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{known.get_absolute_url()}")
    page.keyboard.press("Control+k")
    page.locator("#search").fill("")
    expect(page.locator("#search-hits")).to_contain_text("最近打开")


@pytest.fixture
def slow(zhang: Client, zhou: Client, manager: Employee, sit: Sit) -> Page:
    """Wang's page, where the answer of the search takes half a second."""
    for client in (zhang, zhou):
        refresh_search(client=client)
    page = sit(manager)

    def answer_late(route: Route) -> None:
        page.wait_for_timeout(500)
        route.continue_()

    page.route("**/clients/search/**", answer_late)
    page.goto("/pipeline/")
    page.keyboard.press("Control+k")
    expect(page.locator("#search-hits[data-for='']")).to_be_attached()
    return page


def test_keys_that_are_faster_than_the_answer_open_the_client(slow: Page, zhang: Client) -> None:
    slow.keyboard.insert_text("张伟")
    slow.keyboard.press("ArrowDown")
    slow.keyboard.press("Enter")
    slow.wait_for_url(f"**{zhang.get_absolute_url()}")


def test_keys_never_open_a_hit_of_an_older_text(slow: Page, zhou: Client) -> None:
    slow.keyboard.insert_text("张伟")
    expect(slow.locator("#search-hits[data-for='张伟']")).to_contain_text("张伟")
    slow.locator("#search").fill("周婷")
    slow.keyboard.press("ArrowDown")
    slow.keyboard.press("Enter")
    slow.wait_for_url(f"**{zhou.get_absolute_url()}")


def test_enter_without_an_answer_leads_to_the_list(slow: Page) -> None:
    slow.unroute("**/clients/search/**")
    slow.route("**/clients/search/**", lambda route: route.abort())
    slow.keyboard.insert_text("张伟")
    slow.keyboard.press("ArrowDown")
    slow.keyboard.press("Enter")
    slow.wait_for_url(f"**/clients/?q={quote('张伟')}")


def test_a_segment_is_tried_and_put_in_force(
    zhang: Client, administrator: Employee, segment: Segment, sit: Sit
) -> None:
    page = sit(administrator)
    page.goto(f"/segments/{segment.pk}/")
    page.locator("input[name=investment_sizes][value=small]").uncheck()
    page.locator("input[name=investment_sizes][value=medium]").check()
    page.get_by_role("button", name="预览").click()
    expect(page.locator("#preview")).to_be_focused()
    expect(page.locator("#preview")).to_contain_text("张伟")
    looks_right(page)
    assert segment.rules.get(valid_to=None).investment_sizes == ["small"]
    page.get_by_role("button", name="生效").click()
    page.wait_for_url("**/segments/")
    assert segment.rules.get(valid_to=None).investment_sizes == ["medium"]


def test_a_hand_over_is_asked_for_and_approved(
    zhang: Client, zhou: Client, manager: Employee, colleague: Employee, head: Employee, sit: Sit
) -> None:
    page = sit(manager)
    page.goto("/clients/")
    page.locator("tbody tr", has_text="张伟").locator("input[type=checkbox]").check()
    page.locator("button[formaction$='/hand-overs/new/']").click()
    page.locator(f"input[name=receivers][value='{colleague.pk}']").check()
    page.fill("#id_reason", "搬到浦东")
    page.get_by_role("button", name="预览").click()
    expect(page.locator("main")).to_contain_text("张伟")
    looks_right(page, "dealt")
    page.locator("button[name=ask]").click()
    page.wait_for_url(re.compile(r"/hand-overs/\d+/$"))
    address = page.url
    page = sit(head)
    page.goto(address)
    looks_right(page, "asked")
    page.get_by_role("button", name="批准").click()
    page.wait_for_load_state("networkidle")
    assert [handovers.run(key) for key in handovers.due()] == [True]
    page.reload()
    looks_right(page, "done")
    zhang.refresh_from_db()
    zhou.refresh_from_db()
    assert (zhang.manager, zhou.manager) == (colleague, manager)
