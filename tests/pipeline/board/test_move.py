"""Moving a card by post, by htmx, and through the page that asks what a stage needs."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from clients.models import Client
from crm.trading_days import today
from pipeline.board import move_views
from pipeline.models import LostReason, Opportunity, StageMove
from pipeline.opportunities import views
from pipeline.opportunities.services import ChangedMeanwhile
from staff.models import Employee
from tests.cast import Browse
from tests.factories import OpportunityFactory, assess_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def opportunity(zhou: Client) -> Opportunity:
    """With every assessment; the gates have tests of their own."""
    return assess_all(OpportunityFactory(client=zhou))


@pytest.fixture
def browser(browse: Browse, manager: Employee) -> Browser:
    return browse(manager)


def url(opportunity: Opportunity) -> str:
    return f"/pipeline/{opportunity.public_id}/move/"


def stage_of(opportunity: Opportunity) -> str:
    opportunity.refresh_from_db()
    return opportunity.stage.key


def test_it_moves(browser: Browser, opportunity: Opportunity) -> None:
    answer = browser.post(url(opportunity), {"stage": "contacted", "version": 1})
    assert answer["Location"] == "/pipeline/"
    assert stage_of(opportunity) == "contacted"


def test_it_comes_back_to_the_same_filter(
    browse: Browse, head: Employee, manager: Employee, opportunity: Opportunity
) -> None:
    data = {"stage": "contacted", "version": 1, "back": f"manager={manager.pk}&evil=//x"}
    answer = browse(head).post(url(opportunity), data)
    assert answer["Location"] == f"/pipeline/?manager={manager.pk}"


def test_it_comes_back_to_the_file(browser: Browser, opportunity: Opportunity) -> None:
    data = {"stage": "contacted", "version": 1, "back": "file"}
    assert browser.post(url(opportunity), data)["Location"] == opportunity.get_absolute_url()


def test_posted_twice_it_moves_once(browser: Browser, opportunity: Opportunity) -> None:
    for _time in range(2):
        answer = browser.post(url(opportunity), {"stage": "contacted", "version": 1})
        assert answer.status_code == 302
    assert StageMove.objects.count() == 1


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_second_mover_is_told(
    browse: Browse,
    head: Employee,
    browser: Browser,
    opportunity: Opportunity,
    headers: dict[str, str],
) -> None:
    browse(head).post(url(opportunity), {"stage": "interested", "version": 1})
    data = {"stage": "contacted", "version": 1}
    answer = browser.post(url(opportunity), data, headers=headers)
    assert answer.status_code == 409
    assert stage_of(opportunity) == "interested"
    assert 'role="alert"' in answer.content.decode()


def test_who_lost_the_client_meanwhile_finds_nothing(
    browse: Browse,
    manager: Employee,
    colleague: Employee,
    opportunity: Opportunity,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def too_late(**_asked: Any) -> None:
        Client.objects.filter(pk=opportunity.client_id).update(manager=colleague)
        raise ChangedMeanwhile

    monkeypatch.setattr(move_views, "move", too_late)
    monkeypatch.setattr(views, "update_opportunity", too_late)
    data = {"stage": "contacted", "version": 1}
    assert browse(manager).post(url(opportunity), data).status_code == 404
    Client.objects.filter(pk=opportunity.client_id).update(manager=manager)
    edit = f"{opportunity.get_absolute_url()}edit/"
    assert browse(manager).post(edit, {"version": 1}).status_code == 404


def test_the_second_mover_can_insist(
    browse: Browse, head: Employee, browser: Browser, opportunity: Opportunity
) -> None:
    browse(head).post(url(opportunity), {"stage": "interested", "version": 1})
    answer = browser.post(url(opportunity), {"stage": "contacted", "version": 1})
    assert answer.context["form"]["version"].value() == "2"


def test_a_loss_is_asked_for_its_reason(browser: Browser, opportunity: Opportunity) -> None:
    asked = browser.get(url(opportunity), {"stage": "lost"})
    fields = asked.context["form"].fields
    assert "lost_reason" in fields
    assert "opened_on" not in fields
    refused = browser.post(url(opportunity), {"stage": "lost", "version": 1, "lost_note": "x"})
    assert refused.status_code == 422
    assert 'value="x"' in refused.content.decode()
    assert stage_of(opportunity) == "new"
    reason = LostReason.objects.get(key="commission")
    data: dict[str, Any] = {"stage": "lost", "version": 1, "lost_reason": reason.pk}
    assert browser.post(url(opportunity), data).status_code == 302
    assert (stage_of(opportunity), opportunity.lost_reason) == ("lost", reason)


def test_opening_asks_the_date(browser: Browser, opportunity: Opportunity) -> None:
    asked = browser.get(url(opportunity), {"stage": "opened"})
    assert asked.context["form"]["opened_on"].value() == today()
    tomorrow = today() + timedelta(days=1)
    data = {"stage": "opened", "version": 1, "opened_on": tomorrow.isoformat()}
    assert browser.post(url(opportunity), data).status_code == 422
    assert stage_of(opportunity) == "new"
    data["opened_on"] = today().isoformat()
    assert browser.post(url(opportunity), data).status_code == 302
    opportunity.client.refresh_from_db()
    assert opportunity.client.lifecycle == "client"


def test_a_page_without_a_stage_asks_everything(browser: Browser, opportunity: Opportunity) -> None:
    fields = browser.get(url(opportunity)).context["form"].fields
    assert {"stage", "lost_reason", "opened_on"} <= set(fields)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"stage": "nowhere", "version": 1},
        {"stage": "contacted"},
        {"stage": "contacted", "version": "x"},
        {"stage": "lost", "version": 1, "lost_reason": "x"},
        {"stage": "opened", "version": 1, "opened_on": "31/31/31"},
    ],
)
def test_bad_input_moves_nothing(
    browser: Browser, opportunity: Opportunity, data: dict[str, Any]
) -> None:
    assert browser.post(url(opportunity), data).status_code == 422
    assert stage_of(opportunity) == "new"


def test_a_wrong_method(browser: Browser, opportunity: Opportunity) -> None:
    assert browser.put(url(opportunity)).status_code == 405


@pytest.mark.parametrize("person", ["colleague", "stranger", "operations"])
def test_an_outsider_finds_nothing(
    browse: Browse, opportunity: Opportunity, person: str, request: pytest.FixtureRequest
) -> None:
    data = {"stage": "contacted", "version": 1}
    outsider = browse(request.getfixturevalue(person))
    assert outsider.post(url(opportunity), data).status_code == 404
    assert stage_of(opportunity) == "new"


def test_compliance_may_not(browse: Browse, compliance: Employee, opportunity: Opportunity) -> None:
    answer = browse(compliance).post(url(opportunity), {"stage": "contacted", "version": 1})
    assert answer.status_code == 403
    assert stage_of(opportunity) == "new"
