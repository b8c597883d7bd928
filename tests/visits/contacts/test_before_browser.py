"""Before, during and after a call in a real browser: by mouse, by keyboard, on a phone."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clients.models import Client, ContactPerson, Phone
from clients.relations.services import Contact, add_contact
from crm.models import AccessLog
from crm.trading_days import add, today
from staff.models import Employee
from tests.browser import axe, covered, width
from tests.factories import (
    CallbackFactory,
    FundAccountFactory,
    MonthlyFigureFactory,
    OpportunityFactory,
    VisitFactory,
)
from tests.visits.contacts.test_browser import log_in
from visits.models import Callback, CallbackPlan, Visit, VisitDraft

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NUMBER = "+8613812341234"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 820}


@pytest.fixture
def wife(zhang: Client) -> ContactPerson:
    return add_contact(client=zhang, contact=Contact("刘敏", "influences", "配偶", ""))


@pytest.fixture
def due(zhang: Client, zhou: Client, wife: ContactPerson) -> Callback:
    """A client with assets, words of last time, and something open."""
    phone = Phone(client=zhang, valid_from=today(), is_primary=True)
    phone.set_number(NUMBER)
    phone.save()
    account, month = FundAccountFactory(client=zhang), today().replace(day=1)
    MonthlyFigureFactory(account=account, month=month, assets=15_086_300)
    before = (month - timedelta(days=1)).replace(day=1)
    MonthlyFigureFactory(account=account, month=before, assets=14_402_100)
    reached = timezone.now() - timedelta(days=95)
    VisitFactory(
        client=zhang,
        occurred_at=reached,
        satisfaction_service=4,
        satisfaction_information=5,
        notes="询问了基金定投的起点和费率，已说明并留下资料。年底前会再转入约 50 万。",
        suggestions="希望多办线下讲座",
    )
    soon = today() + timedelta(days=12)
    Client.objects.filter(pk=zhang.pk).update(
        risk_grade="C5", risk_expires_on=soon, last_contact_on=timezone.localdate(reached)
    )
    OpportunityFactory(
        client=zhang, kind="sale", amount=500_000, next_step="寄合同", next_step_on=add(today(), 2)
    )
    plan = CallbackPlan.objects.get(segment=zhang.segment, valid_to=None)
    CallbackFactory(client=zhou, occurrence="second")
    return CallbackFactory(
        client=zhang,
        kind="cadence",
        plan=plan,
        anchor_on=timezone.localdate(reached),
        due_on=today() - timedelta(days=6),
    )


# The field that has the focus ends above the bar; scrolling takes a moment.
IN_SIGHT = """() => document.activeElement.getBoundingClientRect().bottom
  <= document.querySelector(".crm-call-bar").getBoundingClientRect().top + 1"""


def look(page: Page, name: str) -> None:
    folder = os.environ.get("CRM_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    assert width(page) <= page.evaluate("window.innerWidth"), name
    assert covered(page) == [], name
    axe(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_is_sound_before_and_after_dialling(
    language: str,
    size: dict[str, int],
    theme: str,
    browser_page: Page,
    manager: Employee,
    due: Callback,
) -> None:
    Employee.objects.filter(pk=manager.pk).update(language=language)
    page = browser_page
    page.set_viewport_size(size)  # type: ignore[arg-type]
    log_in(page, manager)
    page.context.add_cookies([{"name": "crm_theme", "value": theme, "url": page.url}])
    name = f"{language[:2]}-{theme}-{size['width']}"
    page.goto(f"{due.get_absolute_url()}?row=1")
    page.evaluate("(t) => document.documentElement.setAttribute('data-bs-theme', t)", theme)
    look(page, f"before-{name}")
    page.locator("button[form=dial]:visible").click()
    expect(page.locator("#dialled .crm-number")).to_have_text("138 1234 1234")
    page.locator("[data-outcomes] label").first.click()
    page.locator("label[for=satisfaction_service-4]").click()
    look(page, f"during-{name}")
    # What one types is never behind the bar that stays at the foot.
    page.locator("textarea[name^=answer_]").last.focus()
    page.wait_for_function(IN_SIGHT)
    page.goto(f"{due.client.get_absolute_url()}record/")
    page.evaluate("(t) => document.documentElement.setAttribute('data-bs-theme', t)", theme)
    look(page, f"own-{name}")


def test_one_dials_from_the_file_for_a_reason(
    browser_page: Page, manager: Employee, due: Callback, wife: ContactPerson
) -> None:
    Callback.objects.filter(pk=due.pk).update(due_on=add(today(), 3))
    page = browser_page
    log_in(page, manager)
    file = due.client.get_absolute_url()
    page.goto(file)
    page.get_by_role("link", name="拨号").first.click()
    page.wait_for_url(f"**{file}record/")
    page.locator("button[form=dial]").click()
    # The browser itself asks for the reason; nothing was shown yet.
    assert not AccessLog.objects.exists()
    page.get_by_label("致电事由").fill("问中签缴款")
    page.get_by_label("沟通对象").select_option(str(wife.pk))
    page.get_by_label("目的").select_option("image")
    page.locator("button[form=dial]").click()
    page.wait_for_selector(f"a[href='tel:{NUMBER}']")
    assert AccessLog.objects.get().reason == "问中签缴款"
    page.locator("[data-outcomes] label").first.click()
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**{file}")
    visit = Visit.objects.get(callback=None, occurred_on=today())
    assert (visit.contact_person, visit.spoke_with, visit.purpose) == (wife, "influences", "image")


def test_a_call_about_products_waits_for_consent_and_nothing_typed_goes(
    browser_page: Page, manager: Employee, due: Callback
) -> None:
    page = browser_page
    log_in(page, manager)
    page.goto(due.get_absolute_url())
    page.fill("#id_notes", "先记一句")
    page.get_by_label("目的").select_option("offer")
    page.locator("button[form=dial]").click()
    expect(page.locator("#dialled .alert")).to_contain_text("未同意电话推介")
    page.get_by_label("目的").select_option("learn")
    page.locator("button[form=dial]").click()
    page.wait_for_selector(f"a[href='tel:{NUMBER}']")
    assert page.input_value("#id_notes") == "先记一句"


def test_next_steps_are_buttons_with_real_dates(
    browser_page: Page, manager: Employee, due: Callback
) -> None:
    page = browser_page
    log_in(page, manager)
    page.goto(due.get_absolute_url())
    day = page.locator("#id_next_step_on")
    expect(day).to_be_hidden()
    page.get_by_text("已沟通", exact=True).click()
    expect(page.locator("#next_step-none")).to_be_checked()
    expect(page.locator("label[for=next_step-none]")).to_contain_text("回访")
    page.get_by_text("无人接听", exact=True).click()
    expect(page.locator("#next_step-call_again")).to_be_checked()
    expect(day).to_have_value(add(today(), 1).isoformat())
    expect(page.locator("label[for=next_step-none]")).to_contain_text("任务保留")
    page.get_by_text("已沟通", exact=True).click()
    page.locator("label[for=next_step-call_again]").click()
    day.fill("")
    page.locator(".crm-call-bar .btn-primary").click()
    expect(page.locator(".crm-errors")).to_contain_text("请选择下一步的日期")
    day.fill(add(today(), 6).isoformat())
    page.locator(".crm-call-bar .btn-primary").click()
    page.wait_for_url("**/today/")
    assert Callback.objects.get(kind="promise").due_on == add(today(), 6)


def test_the_step_one_is_at_is_marked_and_kept(
    browser_page: Page, manager: Employee, due: Callback
) -> None:
    page = browser_page
    log_in(page, manager)
    page.goto(due.get_absolute_url())
    steps = page.locator("li[data-step]:visible")
    at = page.locator("li[aria-current=step]")
    expect(at).to_have_attribute("data-step", "1")
    # By keyboard: the number of a step is a button.
    steps.nth(1).locator(".crm-step-no").focus()
    page.keyboard.press("Enter")
    expect(at).to_have_attribute("data-step", "2")
    steps.nth(1).locator("label").first.click()
    expect(at).to_have_attribute("data-step", "3")
    expect(steps.nth(1)).to_have_attribute("data-state", "done")
    expect(steps.nth(3)).to_have_attribute("data-state", "later")
    # Back, where one has to ask again.
    steps.nth(0).locator(".crm-step-no").click()
    expect(at).to_have_attribute("data-step", "1")
    page.locator("li[data-step='3'] .crm-step-no").click()
    expect(page.locator("[data-draft-state]")).to_contain_text("草稿已于", timeout=15000)
    assert VisitDraft.objects.get().data["at_step"] == ["3"]
    page.reload()
    expect(at).to_have_attribute("data-step", "3")


@pytest.mark.parametrize("where", ["call", "today", "file"])
def test_why_this_day_opens_by_keyboard_and_closes_by_escape(
    where: str, browser_page: Page, manager: Employee, due: Callback
) -> None:
    page = browser_page
    log_in(page, manager)
    file = due.client.get_absolute_url()
    page.goto({"call": due.get_absolute_url(), "today": "/today/", "file": file}[where])
    here = page.url
    pop = page.locator(f"details[hx-get='{due.get_absolute_url()}why/']")
    pop.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(pop.locator("ol")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    expect(pop.locator("ol")).to_be_hidden()
    expect(pop.locator("summary")).to_be_focused()
    assert page.url == here


def test_another_script_keeps_what_was_noted(
    browser_page: Page, manager: Employee, due: Callback
) -> None:
    page = browser_page
    log_in(page, manager)
    page.goto(due.get_absolute_url())
    page.fill("#id_notes", "换话术前写的")
    page.locator("summary", has_text="换一份话术").click()
    page.locator("a[href*='script=']").last.click()
    page.wait_for_url("**script=*")
    page.wait_for_function("document.querySelector('#id_notes').value === '换话术前写的'")
