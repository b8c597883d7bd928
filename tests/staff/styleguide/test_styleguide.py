"""The style guide shows every part that the sheets know, to administrators alone."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from staff.models import Employee
from tests.browser import axe, width
from tests.cast import Browse
from tests.test_stylesheets import defined

# Parts of the frame stand around every page, those before the login and of paper on pages of their
# own, and what a width or a script switches shows nothing by itself.
ELSEWHERE = {
    "crm-before",
    "crm-call",
    "crm-call-band",
    "crm-call-bar",
    "crm-call-result",
    "crm-dock",
    "crm-file-head",
    "crm-file-name",
    "crm-if-missed",
    "crm-next-day",
    "crm-unless-missed",
    "crm-chart",
    "crm-chart-sm",
    "crm-entrance",
    "crm-if-reached",
    "crm-jump",
    "crm-menu",
    "crm-more",
    "crm-nav-count",
    "crm-nav-section",
    "crm-preview",
    "crm-qr",
    "crm-qr-sheet",
    "crm-right-number",
    "crm-split",
    "crm-step-edit",
    "crm-tree",
}


@pytest.mark.django_db
def test_it_shows_every_part_in_both_themes(administrator: Employee, browse: Browse) -> None:
    text = browse(administrator).get(reverse("staff:styleguide")).content.decode()
    before, light, rest = re.split(r'<div [^>]*id="(?:light|dark)"', text)
    dark, _, after = rest.partition("</main>")
    for name, part in (("light", light), ("dark", dark)):
        shown = set(re.findall(r"crm-[a-z0-9-]+", before + part + after))
        missing = sorted(defined() - shown - ELSEWHERE)
        assert missing == [], f"parts that the style guide does not show ({name})"


@pytest.mark.django_db
def test_it_shows_the_tokens_of_the_sheet(administrator: Employee, browse: Browse) -> None:
    text = browse(administrator).get(reverse("staff:styleguide")).content.decode()
    for name in ("late-tint", "brand-text", "line-2"):
        assert text.count(f'fill="var(--c-{name})"') == 2


@pytest.mark.django_db
def test_it_is_for_administrators_alone(
    administrator: Employee, manager: Employee, head: Employee, browse: Browse
) -> None:
    address = reverse("staff:styleguide")
    assert browse(administrator).get(address).status_code == 200
    assert browse(administrator).post(address).status_code == 405
    assert browse(manager).get(address).status_code == 403
    assert browse(head).get(address).status_code == 403


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wide", [1280, 390])
def test_every_part_can_be_read_in_both_themes(
    browser_page: Page, administrator: Employee, wide: int
) -> None:
    page = browser_page
    page.set_viewport_size({"width": wide, "height": 900})
    page.goto("/accounts/login/?next=/styleguide/")
    page.fill("input[name=login]", administrator.username)
    page.fill("input[name=password]", "correct-horse-battery")
    page.click("form button[type=submit]")
    page.wait_for_url("**/styleguide/")
    assert width(page) <= wide
    axe(page)
