"""The administration in a real browser: nothing refused by the policy, light and dark."""

from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page

from clients.models import Client, Segment
from staff.models import Branch, Employee
from tests.browser import axe
from tests.cast import Browse
from visits.models import CallbackPlan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(browser_page: Page, administrator: Employee, browse: Browse, live_server: object) -> Page:
    """A page in which the administrator is logged in."""
    name = settings.SESSION_COOKIE_NAME
    value = browse(administrator).cookies[name].value
    url = str(live_server)
    browser_page.context.add_cookies([{"name": name, "value": value, "url": url}])
    return browser_page


def test_it_is_read_by_everyone(desk: Page) -> None:
    for scheme in ("light", "dark"):
        desk.emulate_media(color_scheme=scheme)
        for name in ("admin:index", "admin:staff_branch_changelist"):
            desk.goto(reverse(name))
            axe(desk)


def test_it_takes_the_theme_of_the_product(desk: Page, administrator: Employee) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    desk.emulate_media(color_scheme="dark")
    desk.goto(reverse("admin:staff_branch_changelist"))
    assert desk.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    dark = desk.evaluate(ground)
    with desk.expect_response("**" + reverse("staff:set_theme")):
        desk.locator(".theme-toggle").click()
    assert desk.evaluate("document.documentElement.dataset.bsTheme") == "light"
    assert desk.evaluate(ground) != dark
    desk.goto(reverse("staff:me"))
    assert desk.evaluate("document.documentElement.dataset.bsTheme") == "light"


def test_it_fits_a_phone(desk: Page, zhang: Client) -> None:
    desk.set_viewport_size({"width": 360, "height": 740})
    for name in ("admin:index", "staff:runs", "admin:staff_employee_add"):
        desk.goto(reverse(name))
        assert desk.evaluate("document.documentElement.scrollWidth") <= 360


def test_it_chooses_a_branch_and_saves_a_rule(
    desk: Page, segment: Segment, branch: Branch, other_branch: Branch
) -> None:
    desk.goto(reverse("admin:clients_segment_change", args=[segment.pk]))
    desk.locator(".select2-selection").first.click()
    desk.locator(".select2-search__field").fill("浦东")
    desk.locator(".select2-results__option", has_text="浦东营业部").click()
    desk.locator("#id_rules-0-income_levels input[value=low]").check()
    desk.locator("input[name=_save]").click()
    desk.wait_for_url("**" + reverse("admin:clients_segment_changelist"))
    segment.refresh_from_db()
    assert segment.branch == branch
    assert segment.rules.get(valid_to=None).income_levels == ["low"]


def test_it_makes_a_new_wording(desk: Page, segment: Segment) -> None:
    plan: Any = CallbackPlan.objects.get(segment=segment)
    desk.goto(reverse("admin:visits_script_change", args=[plan.script.pk]))
    desk.locator(".object-tools button").click()
    desk.wait_for_url("**/scriptversion/**")
    desk.locator("#id_steps-0-prompt_zh").fill("您好，想听听您对投资的看法。")
    desk.locator("input[name=_save]").click()
    desk.wait_for_url("**" + reverse("admin:visits_scriptversion_changelist"))
    first = plan.script.current.steps.get(position=1)
    assert first.prompt_zh == "您好，想听听您对投资的看法。"
