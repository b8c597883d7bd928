"""Every list of the administration, walked: wide enough for a desk, and Chinese throughout."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from staff.models import Employee
from tests.browser import axe
from tests.crm.conftest import rows
from tests.crm.tables import LABELS
from tests.e2e.test_admin import desk

__all__ = ["desk", "rows"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# How far the page, and a table within it, goes beyond its width.
_OVER = """() => {
  const page = document.documentElement;
  const inner = [...document.querySelectorAll(".results, #changelist, #content")];
  return Math.max(0, ...[page, ...inner].map((part) => part.scrollWidth - part.clientWidth));
}"""


def url(label: str) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_changelist")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_list_scrolls_sideways_at_a_desk(
    language: str, rows: dict[str, Any], administrator: Employee, desk: Page
) -> None:
    Employee.objects.filter(pk=administrator.pk).update(language=language)
    desk.set_viewport_size({"width": 1280, "height": 900})
    wide = {}
    for label in LABELS:
        desk.goto(url(label))
        if over := desk.evaluate(_OVER):
            wide[label] = over
    assert wide == {}


def test_the_start_page_and_the_runs_are_read_by_everyone(
    administrator: Employee, desk: Page
) -> None:
    for theme in ("light", "dark"):
        Employee.objects.filter(pk=administrator.pk).update(theme=theme)
        for name in ("admin:index", "staff:runs", "admin:crm_accesslog_changelist"):
            desk.goto(reverse(name))
            assert desk.evaluate("document.documentElement.dataset.bsTheme") == theme
            axe(desk)
