"""Today, the call and the next callback in a real browser, on a phone and at a desk."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clients.models import Client, Phone, Segment
from crm.trading_days import add, today
from staff.models import Employee
from tests.browser import axe, covered, width
from tests.factories import CallbackFactory, ClientFactory, VisitFactory
from visits.models import Callback, CallbackPlan, Visit, VisitDraft
from visits.scripts.versions import new_version

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NUMBER = "+8613812341234"
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


def log_in(page: Page, employee: Employee) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", employee.username)
    page.fill("input[name=password]", "correct-horse-battery")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/today/")


def look(page: Page, name: str) -> None:
    """Pictures for whoever wants to see them; and no page is wider than the screen."""
    folder = os.environ.get("CRM_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    assert width(page) <= page.evaluate("window.innerWidth"), name
    assert covered(page) == [], name
    axe(page)


@pytest.fixture
def due(zhang: Client, zhou: Client, manager: Employee) -> Callback:
    """A client to call today, and some more work."""
    phone = Phone(client=zhang, valid_from=today())
    phone.set_number(NUMBER)
    phone.save()
    reached = timezone.now() - timedelta(days=95)
    VisitFactory(client=zhang, occurred_at=reached, satisfaction_service=4, notes="认同长期持有")
    Client.objects.update(risk_grade="C2", last_contact_on=timezone.localdate(reached))
    plan = CallbackPlan.objects.get(segment=zhang.segment, valid_to=None)
    private = Segment.objects.get(key="private")
    other = ClientFactory(name="陈雅琴", title="ms", manager=manager, segment=private)
    late = today() - timedelta(days=6)
    CallbackFactory(client=other, due_on=late, reason="再次致电 · 有意见", attempts=2)
    CallbackFactory(client=zhou, kind="cadence", is_backlog=True, over_capacity=True)
    anchor = timezone.localdate(reached)
    return CallbackFactory(client=zhang, kind="cadence", plan=plan, anchor_on=anchor)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_call_takes_three_interactions(
    size: dict[str, int], browser_page: Page, manager: Employee, due: Callback
) -> None:
    page = browser_page
    page.set_viewport_size(size)  # type: ignore[arg-type]
    log_in(page, manager)
    wide = size["width"]
    look(page, f"today-{wide}")
    page.locator(f"a[href='/callbacks/{due.public_id}/']").click()
    page.wait_for_url(f"**/callbacks/{due.public_id}/")
    look(page, f"call-{wide}")
    assert NUMBER not in page.content()
    page.locator("button[form=dial]:visible").first.click()
    page.wait_for_selector(f"a[href='tel:{NUMBER}']")
    look(page, f"dialled-{wide}")

    # The three: outcome, satisfaction, save.
    page.locator("[data-outcomes] label").first.click()
    page.locator("label[for=satisfaction_service-5]").click()
    page.locator("form button[type=submit].btn-primary").click()
    # It goes by itself after some seconds: looked for while the page is still coming.
    expect(page.locator("#toasts .crm-toast")).to_have_count(1)
    page.wait_for_url("**/today/")

    visit = Visit.objects.get(callback=due)
    assert (visit.satisfaction_service, visit.reached) == (5, True)
    following = Callback.objects.get(client=due.client, kind="cadence", status="open")
    assert following.anchor_on == today()
    page.goto(f"/clients/{due.client.public_id}/")
    look(page, f"client-{wide}")
    page.goto(visit.get_absolute_url())
    look(page, f"visit-{wide}")


def test_nothing_typed_is_lost_to_an_error(
    browser_page: Page, manager: Employee, due: Callback
) -> None:
    page = browser_page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    log_in(page, manager)
    page.goto(due.get_absolute_url())
    page.locator("textarea[name^=answer_]").first.fill("稳妥第一")
    page.locator("form button[type=submit].btn-primary").click()
    page.wait_for_selector(".crm-errors")
    assert page.locator("textarea[name^=answer_]").first.input_value() == "稳妥第一"
    look(page, "call-error-360")
    assert not Visit.objects.filter(callback=due).exists()


def test_an_outcome_proposes_the_next_step(
    browser_page: Page, manager: Employee, due: Callback
) -> None:
    page = browser_page
    log_in(page, manager)
    page.goto(due.get_absolute_url())
    page.locator("[data-outcomes] label").nth(1).click()
    assert page.locator("#next_step-meet").is_checked()
    assert page.locator("#id_next_step_on").input_value() == add(today(), 3).isoformat()


def test_one_tap_dials(browser_page: Page, manager: Employee, due: Callback) -> None:
    page = browser_page
    log_in(page, manager)
    page.goto(due.get_absolute_url())
    page.locator("button[form=dial]:visible").first.click()
    page.wait_for_selector(f"body[data-dialled='tel:{NUMBER}']")
    assert page.locator("#dialled a.crm-number").is_visible()


def test_it_chooses_the_telephone_once_dialled(
    browser_page: Page, manager: Employee, due: Callback
) -> None:
    """Three unanswered calls propose another channel; whoever dials all the same has called."""
    Callback.objects.filter(pk=due.pk).update(attempts=3)
    page = browser_page
    log_in(page, manager)
    page.goto(due.get_absolute_url())
    channel = page.locator("#id_channel")
    assert channel.input_value() != "phone"
    page.locator("button[form=dial]:visible").first.click()
    page.wait_for_selector(f"body[data-dialled='tel:{NUMBER}']")
    assert channel.count() == 1
    assert channel.input_value() == "phone"
    assert page.locator("form[data-draft] #id_channel").count() == 1


# Whether the copy on the device, which is locked, holds these notes.
KEPT_HERE = """
async (notes) => {
  const form = document.querySelector("form[data-draft]");
  const copy = JSON.parse(localStorage.getItem("crm-draft:" + form.dataset.draft) || "null");
  if (!copy) return false;
  const lock = Uint8Array.from(form.dataset.lock.match(/../g), (pair) => parseInt(pair, 16));
  const key = await crypto.subtle.importKey("raw", lock, "AES-GCM", false, ["decrypt"]);
  const how = { name: "AES-GCM", iv: new Uint8Array(copy.iv) };
  const text = await crypto.subtle.decrypt(how, key, new Uint8Array(copy.text));
  return new URLSearchParams(new TextDecoder().decode(text)).get("notes") === notes;
}
"""


def typed_without_a_connection(page: Page, due: Callback) -> None:
    """Words that the server never got: they are on the device alone."""
    page.route("**/draft/", lambda route: route.abort())
    page.goto(due.get_absolute_url())
    page.locator("textarea[name^=answer_]").first.fill("按旧话术的回答")
    page.fill("#id_notes", "断网时写的")
    page.wait_for_function(KEPT_HERE, arg="断网时写的")
    # Away first: what was typed must not be sent once there is a connection again.
    page.goto("about:blank")
    page.unroute("**/draft/")


def test_what_was_typed_offline_outlives_a_new_wording(
    browser_page: Page, manager: Employee, due: Callback
) -> None:
    page = browser_page
    log_in(page, manager)
    typed_without_a_connection(page, due)
    assert due.plan is not None
    assert due.plan.script is not None
    new_version(script=due.plan.script)
    page.goto(due.get_absolute_url())
    page.wait_for_function("document.querySelector('#id_notes').value === '断网时写的'")
    assert page.locator("textarea[name^=answer_]").first.input_value() == ""


def test_saving_without_a_connection_stays_on_the_page_and_can_be_repeated(
    browser_page: Page, manager: Employee, due: Callback
) -> None:
    page = browser_page
    log_in(page, manager)
    page.goto(due.get_absolute_url())
    page.context.set_offline(True)
    page.locator("[data-outcomes] label").first.click()
    page.locator(".crm-call-bar button.btn-primary").click()
    page.wait_for_function(
        "/尚未保存/.test(document.querySelector('[data-draft-state]').innerText)"
    )
    assert page.url.endswith(due.get_absolute_url())
    page.context.set_offline(False)
    page.locator(".crm-call-bar button.btn-primary").click()
    page.wait_for_url("**/today/")
    assert Visit.objects.filter(callback=due).count() == 1


def test_a_newer_draft_of_another_device_stands(
    browser_page: Page, manager: Employee, due: Callback
) -> None:
    page = browser_page
    log_in(page, manager)
    typed_without_a_connection(page, due)
    VisitDraft.objects.create(
        employee=manager, client=due.client, callback=due, data={"notes": ["后来在手机上写的"]}
    )
    page.goto(due.get_absolute_url())
    page.wait_for_function(
        "!Object.keys(localStorage).some((name) => name.startsWith('crm-draft:'))"
    )
    assert page.locator("#id_notes").input_value() == "后来在手机上写的"


def test_a_callback_is_put_off_without_leaving_today(
    browser_page: Page, manager: Employee, due: Callback
) -> None:
    page = browser_page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    log_in(page, manager)
    opener = page.locator(f"a[href='{due.get_absolute_url()}snooze/']")
    form = page.locator(".crm-row-more form")
    opener.click()
    form.get_by_role("link", name="取消").click()
    expect(form).to_have_count(0)
    expect(opener).to_be_focused()
    opener.click()
    expect(form).to_be_visible()
    opener.click()
    expect(form).to_have_count(0)
    opener.click()
    form.get_by_role("button", name="延后").click()
    page.wait_for_selector(".crm-row-more .is-invalid")
    look(page, "snooze-360")
    # Enter means the day in the field, and not the first of the buttons.
    form.locator("input[name=until]").press("Enter")
    page.wait_for_selector(".crm-row-more .is-invalid")
    assert not due.changes.exists()
    form.get_by_label("客户外出").check()
    form.get_by_role("button", name="一周后").click()
    page.wait_for_selector("#toasts .crm-toast")
    due.refresh_from_db()
    assert due.due_on > today()


@pytest.mark.parametrize(
    "path", ["/callbacks/?status=to_do", "/visits/", "/plans/", "/scripts/", "/plans/{plan}/"]
)
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_lists_have_no_faults(
    size: dict[str, int],
    path: str,
    browser_page: Page,
    administrator: Employee,
    manager: Employee,
    due: Callback,
) -> None:
    page = browser_page
    page.set_viewport_size(size)  # type: ignore[arg-type]
    log_in(page, manager)
    if "{plan}" in path:
        page.goto("/scripts/")
        path = page.locator("tbody a").first.get_attribute("href") or ""
    page.goto(path)
    look(page, f"list-{path.strip('/').split('/')[0]}-{len(path)}-{size['width']}")
