"""The script editor in a real browser: add, move, delete, and the preview beside it."""

import pytest
from playwright.sync_api import Page, expect

from staff.models import Employee
from tests.visits.contacts.test_browser import DESK, PHONE, look
from visits.models import Script

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_steps_are_edited_with_the_preview_beside(
    size: dict[str, int], browser_page: Page, administrator: Employee
) -> None:
    page = browser_page
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto("/accounts/login/")
    page.fill("input[name=login]", administrator.username)
    page.fill("input[name=password]", "correct-horse-battery")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
    script = Script.objects.get(key="small_conservative", branch=None)
    assert script.current is not None
    number = script.current.steps.count()
    page.goto(f"/scripts/{script.pk}/edit/")
    look(page, f"script-editor-{size['width']}")
    page.locator("button[value=add]").click()
    field = page.locator(f"[name=form-{number}-title_zh]")
    expect(field).to_be_visible()
    field.fill("近况")
    page.fill(f"[name=form-{number}-prompt_zh]", "最近交易还顺利吗？")
    expect(page.locator("#preview")).to_contain_text("最近交易还顺利吗？")
    page.locator(f"button[value=up-{number + 1}]").click()
    expect(page.locator(f"[name=form-{number - 1}-title_zh]")).to_have_value("近况")
    expect(page.locator(f"#edit-step-{number}")).to_be_focused()
    page.locator("button[value=delete-1]").click()
    expect(page.locator(f"[name=form-{number - 2}-title_zh]")).to_have_value("近况")
    expect(page.locator("section.crm-step-edit")).to_have_count(number)
    # Enter in a field neither moves nor deletes a step.
    page.locator(f"[name=form-{number - 2}-title_zh]").press("Enter")
    expect(page.locator("section.crm-step-edit")).to_have_count(number)
    assert script.versions.count() == 1
    look(page, f"script-edited-{size['width']}")
