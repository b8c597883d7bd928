"""Return visits and the rest of the office in a real browser: whole on a phone, all in Chinese."""

import pytest
from playwright.sync_api import expect

from compliance.models import ExceptionCase, ReturnVisit
from compliance.planning import planner
from crm.trading_days import today
from staff.models import Employee
from tests.compliance.conftest import made, mei, planned, steps  # noqa: F401
from tests.e2e.test_client_pages import Sit, looks_right, sit  # noqa: F401
from tests.factories import VisitFactory
from visits.models import Script

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_visit_is_made_on_a_phone(
    planned: ReturnVisit,  # noqa: F811
    mei: Employee,  # noqa: F811
    sit: Sit,  # noqa: F811
) -> None:
    page = sit(mei)
    page.goto("/compliance/visits/?mine=1")
    looks_right(page, "list")
    page.goto(planned.get_absolute_url())
    looks_right(page, "form")
    page.set_viewport_size({"width": 360, "height": 740})
    for step in steps():
        said = (
            step.flags[0]
            if step.title_zh == "他人操作"
            else next(one for one in step.options_zh if one not in step.flags)
        )
        key = page.locator(f"input[name=answer_{step.pk}][value='{said}']").get_attribute("id")
        page.locator(f"label[for='{key}']").click()
    page.get_by_text("已沟通", exact=True).click()
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/compliance/visits/?mine=1")
    assert ExceptionCase.objects.get().findings[0]["answer"] == "是"


def test_an_officer_reviews_and_reads_the_coverage(
    planned: ReturnVisit,  # noqa: F811
    mei: Employee,  # noqa: F811
    compliance: Employee,
    sit: Sit,  # noqa: F811
) -> None:
    made(planned, mei, "他人操作")
    planner.freeze(today().year - 1)
    page = sit(compliance)
    case = ExceptionCase.objects.get().get_absolute_url()
    for address in (
        planned.get_absolute_url(),
        "/compliance/visits/?status=to_review",
        "/compliance/cases/",
        case,
        "/compliance/visitors/",
        planned.callback.client.get_absolute_url(),
        f"/clients/{planned.callback.client.public_id}/return-visit/",
    ):
        page.goto(address)
        looks_right(page, address)
    page.goto(planned.get_absolute_url())
    page.get_by_role("button", name="通过").click()
    expect(page.get_by_text("复核通过").first).to_be_visible()


def test_what_the_record_gives_back(
    planned: ReturnVisit,  # noqa: F811
    manager: Employee,
    sit: Sit,  # noqa: F811
) -> None:
    client = planned.callback.client
    visit = VisitFactory(client=client, employee=manager, suggestions="早点来电", purpose="learn")
    page = sit(manager)
    for address in (
        "/record/",
        "/suggestions/",
        f"{visit.get_absolute_url()}suggestion/",
        "/me/addresses/",
        "/deliveries/",
        "/absences/",
        "/calendar/feed/",
        "/scripts/",
        f"/clients/{client.public_id}/occasions/",
    ):
        page.goto(address)
        looks_right(page, address)
    # Which suggestions: chosen above the list at a desk and on a phone, never over the bottom bar.
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 740})
        page.goto("/suggestions/")
        page.get_by_role("link", name="已答复").click()
        expect(page.get_by_role("link", name="已答复")).to_have_attribute("aria-current", "page")
        expect(page.get_by_text("暂无客户建议")).to_be_visible()


def test_the_pages_of_a_head(head: Employee, sit: Sit) -> None:  # noqa: F811
    page = sit(head)
    script = Script.objects.create(key="own", name_zh="本部话术", branch=head.branch)
    for address in ("/callbacks/escalated/", f"/scripts/{script.pk}/edit/", "/record/"):
        page.goto(address)
        looks_right(page, address)
