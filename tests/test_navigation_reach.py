"""Within two clicks: every list of the product from the side bar, for each role that may open it."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from staff.models import Branch, Role
from tests.cast import Browse
from tests.factories import EmployeeFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# Lists and pages of their own that somebody looks for by name; forms and details hang on them.
LISTS = (
    "visits:today",
    "visits:callbacks",
    "visits:calendar",
    "visits:list",
    "visits:suggestions",
    "visits:lessons",
    "visits:escalations",
    "visits:plans",
    "visits:scripts",
    "clients:list",
    "clients:segments",
    "clients:imports",
    "clients:exports",
    "clients:duplicates",
    "clients:hand_overs",
    "clients:figure_imports",
    "pipeline:board",
    "pipeline:opportunities",
    "pipeline:next",
    "pipeline:campaigns",
    "pipeline:channels",
    "pipeline:referrals",
    "compliance:visits",
    "compliance:cases",
    "compliance:coverage",
    "compliance:visitors",
    "dashboards:board",
    "dashboards:conversion",
    "staff:absences",
    "staff:jobs",
    "staff:notifications",
)
# What is opened less often and is looked for; its place is the side bar itself, in the section of the role.
PLACED = {
    Role.MANAGER: "plans scripts absences exports suggestions lessons channels referrals",
    Role.BRANCH_HEAD: (
        "plans scripts segments absences imports exports suggestions lessons channels referrals"
    ),
}
# These look on, or keep the data: others' lists open for them read-only or empty, and are no place of theirs.
WORK = {
    Role.COMPLIANCE: {
        "clients:list",
        "clients:hand_overs",
        "clients:figure_imports",
        "clients:exports",
        "visits:callbacks",
        "visits:list",
        "compliance:visits",
        "compliance:cases",
        "compliance:coverage",
        "compliance:visitors",
        "dashboards:board",
        "dashboards:conversion",
        "staff:jobs",
        "staff:notifications",
    },
    Role.OPERATIONS: {"clients:figure_imports", "staff:jobs", "staff:notifications"},
}
_LINK = re.compile(r'href="(/[^"#?]*)')


@pytest.mark.parametrize("role", Role.values)
def test_every_list_that_a_role_may_open_is_within_two_clicks(
    role: str, branch: Branch, browse: Browse
) -> None:
    person = EmployeeFactory.create(role=role, branch=branch)
    browser = browse(person)
    home = browser.get("/me/")
    near = {place.url for place in home.context["shell"].places}
    reached = near | {reverse("staff:me")}
    for url in sorted(near):
        reached |= set(_LINK.findall(browser.get(url, follow=True).content.decode()))
    reached |= set(_LINK.findall(home.content.decode()))
    lists = {reverse(name) for name in WORK.get(Role(role), LISTS)}
    open_to = {url for url in lists if browser.get(url).status_code == 200}
    assert open_to - reached == set()


@pytest.mark.parametrize("role", PLACED)
def test_what_is_looked_for_by_name_stands_in_the_side_bar(
    role: Role, branch: Branch, browse: Browse
) -> None:
    person = EmployeeFactory.create(role=role, branch=branch)
    near = {place.url for place in browse(person).get("/me/").context["shell"].places}
    by_name = {name.partition(":")[2]: reverse(name) for name in LISTS}
    assert {by_name[name] for name in PLACED[role].split()} <= near
