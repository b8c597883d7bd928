"""The three assessments and the gates that they open (D-10)."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from crm import timeline
from crm.trading_days import today
from pipeline.models import Assessment, Opportunity, Stage, StageMove
from pipeline.opportunities.assessments import assess
from pipeline.opportunities.services import ChangedMeanwhile, create_opportunity, move
from staff.models import Employee
from tests.cast import Browse
from tests.factories import ASSESSED, OpportunityFactory, assess_all

pytestmark = pytest.mark.django_db


def stage(key: str) -> Stage:
    return Stage.objects.get(key=key)


@pytest.fixture
def opportunity(zhou: Client) -> Opportunity:
    return OpportunityFactory(client=zhou)


@pytest.fixture
def browser(browse: Browse, manager: Employee) -> Browser:
    return browse(manager)


def make(opportunity: Opportunity, which: str, by: Employee, version: int = 0) -> Assessment:
    return assess(
        opportunity=opportunity, which=which, answers=ASSESSED[which], version=version, by=by
    )


def url(opportunity: Opportunity, which: str = "value") -> str:
    return f"/pipeline/{opportunity.public_id}/assess/{which}/"


def test_a_gate_is_not_skipped(opportunity: Opportunity, manager: Employee) -> None:
    with pytest.raises(ValidationError) as refused:
        move(opportunity=opportunity, stage=stage("assessed"), by=manager, version=1)
    assert refused.value.code == "gate"
    make(opportunity, "value", manager)
    opportunity.refresh_from_db()
    moved = move(
        opportunity=opportunity, stage=stage("assessed"), by=manager, version=opportunity.version
    )
    assert moved.stage.key == "assessed"


@pytest.mark.parametrize(("target", "needed"), [("opening", 3), ("opened", 3), ("interested", 0)])
def test_a_way_over_several_stages_needs_all_its_gates(target: str, needed: int) -> None:
    assert len(stage(target).gates_from(stage("new"))) == needed


def test_what_lies_behind_is_asked_no_more() -> None:
    assert stage("opening").gates_from(stage("assessed")) == ["opportunity", "strategy"]
    assert stage("new").gates_from(stage("opening")) == []
    assert stage("lost").gates_from(stage("new")) == []


def test_a_gate_of_a_stage_out_of_use_is_none() -> None:
    Stage.objects.filter(key="assessed").update(is_active=False)
    assert stage("opening").gates_from(stage("new")) == ["opportunity", "strategy"]


def test_a_new_gate_in_the_administration_counts_at_once() -> None:
    Stage.objects.filter(key="contacted").update(gates=["strategy"])
    assert stage("interested").gates_from(stage("new")) == ["strategy"]


def test_nothing_starts_behind_a_gate(zhou: Client, manager: Employee) -> None:
    with pytest.raises(ValidationError):
        create_opportunity(client=zhou, by=manager, stage=stage("opening"))
    assert not Opportunity.objects.exists()


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
@pytest.mark.parametrize("target", ["assessed", "opened"])
def test_a_forged_post_does_not_skip_it(
    browser: Browser, opportunity: Opportunity, target: str, headers: dict[str, str]
) -> None:
    data = {"stage": target, "version": 1}
    answer = browser.post(f"/pipeline/{opportunity.public_id}/move/", data, headers=headers)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    opportunity.refresh_from_db()
    assert opportunity.stage.key == "new"
    assert not StageMove.objects.exists()


def walk(browser: Browser, opportunity: Opportunity, target: str) -> tuple[list[str], str]:
    """Moves to ``target`` as a person does; the assessments on the way, and where one ends up."""
    pages = []
    place = f"/pipeline/{opportunity.public_id}/move/?stage={target}&back=gap%3D1"
    answer = browser.get(place)
    while answer.status_code == 302 and "/assess/" in answer["Location"]:
        place = answer["Location"]
        which = place.split("/assess/")[1].split("/")[0]
        pages.append(which)
        form = browser.get(place).context["form"]
        hidden = {name: form[name].value() for name in ("version", "stage", "seen", "back")}
        answer = browser.post(place.split("?")[0], {**ASSESSED[which], **hidden})
    return pages, answer["Location"] if answer.status_code == 302 else place


def test_a_gated_move_leads_through_its_assessment_and_finishes_by_itself(
    browser: Browser, opportunity: Opportunity
) -> None:
    assert walk(browser, opportunity, "assessed") == (["value"], "/pipeline/?gap=1")
    opportunity.refresh_from_db()
    assert opportunity.stage.key == "assessed"
    assert opportunity.amount == 500_000


def test_a_gated_card_is_opened_within_four_pages(
    browser: Browser, opportunity: Opportunity
) -> None:
    pages, last = walk(browser, opportunity, "opened")
    assert pages == ["value", "opportunity", "strategy"]
    assert last.startswith(f"/pipeline/{opportunity.public_id}/move/?stage=opened")
    data = {"stage": "opened", "version": 2, "opened_on": today(), "back": "gap=1"}
    assert browser.post(last.split("?")[0], data)["Location"] == "/pipeline/?gap=1"
    opportunity.refresh_from_db()
    assert opportunity.stage.key == "opened"


def test_a_move_that_came_second_goes_on_no_more_and_keeps_the_assessment(
    browser: Browser, opportunity: Opportunity, head: Employee
) -> None:
    form = browser.get(f"{url(opportunity)}?stage=assessed&seen=1").context["form"]
    move(opportunity=opportunity, stage=stage("contacted"), by=head, version=1)
    data = {**ASSESSED["value"], "version": 0, "stage": "assessed", "seen": form["seen"].value()}
    answer = browser.post(url(opportunity), data, follow=True)
    text = answer.content.decode()
    assert answer.redirect_chain == [(opportunity.get_absolute_url(), 302)]
    assert head.full_name in text
    assert Assessment.objects.count() == 1
    opportunity.refresh_from_db()
    assert opportunity.stage.key == "contacted"


@pytest.mark.parametrize("wrong", [{"seen": "x"}, {"seen": "-1"}, {"back": "b" * 501}])
def test_a_forged_way_keeps_nothing(
    browser: Browser, opportunity: Opportunity, wrong: dict[str, str]
) -> None:
    data = {**ASSESSED["value"], "version": 0, "stage": "assessed", **wrong}
    assert browser.post(url(opportunity), data).status_code == 422
    assert not Assessment.objects.exists()


def test_it_is_made_and_made_anew(browser: Browser, opportunity: Opportunity) -> None:
    assert browser.get(url(opportunity)).status_code == 200
    data = {**ASSESSED["value"], "version": 0}
    assert browser.post(url(opportunity), data)["Location"] == opportunity.get_absolute_url()
    again = data | {"growth": "high", "version": 1}
    assert browser.get(url(opportunity)).context["form"]["growth"].value() == "medium"
    assert browser.post(url(opportunity), again).status_code == 302
    rows = Assessment.objects.order_by("version").values_list("version", "answers__growth")
    assert list(rows) == [(1, "medium"), (2, "high")]
    opportunity.refresh_from_db()
    assert opportunity.amount == 500_000


def test_posted_twice_it_is_one(browser: Browser, opportunity: Opportunity) -> None:
    for _time in range(2):
        answer = browser.post(url(opportunity), {**ASSESSED["value"], "version": 0})
        assert answer.status_code == 302
    assert Assessment.objects.count() == 1


def test_the_second_of_two_is_told_and_loses_nothing(
    browser: Browser, opportunity: Opportunity, head: Employee
) -> None:
    make(opportunity, "value", head)
    data = {**ASSESSED["value"], "version": 0, "note": "mine"}
    answer = browser.post(url(opportunity), data)
    assert answer.status_code == 409
    assert "mine" in answer.content.decode()
    assert answer.context["form"]["version"].value() == "1"
    assert Assessment.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"capital": "-1"},
        {"capital": "NaN"},
        {"capital": "1e400"},
        {"capital": ""},
        {"growth": "huge"},
        {"growth": ""},
        {"note": "x" * 201},
        {"version": ""},
        {"version": "-1"},
        {"note": "a\x00b"},
    ],
)
def test_bad_answers_are_not_kept(
    browser: Browser, opportunity: Opportunity, wrong: dict[str, str]
) -> None:
    answer = browser.post(url(opportunity), {**ASSESSED["value"], "version": 0, **wrong})
    assert answer.status_code == 422
    assert not Assessment.objects.exists()


def test_a_strategy_promises_nothing_banned(browser: Browser, opportunity: Opportunity) -> None:
    data = {**ASSESSED["strategy"], "version": 0, "offer": "这个产品保本"}
    answer = browser.post(url(opportunity, "strategy"), data)
    assert answer.status_code == 422
    assert "保本" in str(answer.context["form"].errors)
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("answers", [{}, ASSESSED["value"] | {"hobby": "golf"}])
def test_the_service_checks_what_it_is_given(
    opportunity: Opportunity, manager: Employee, answers: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        assess(opportunity=opportunity, which="value", answers=answers, version=0, by=manager)
    assert not Assessment.objects.exists()


def test_it_is_never_changed(opportunity: Opportunity) -> None:
    assess_all(opportunity)
    with pytest.raises(Exception, match="append_only"), transaction.atomic():
        Assessment.objects.update(version=9)


def test_one_per_version(opportunity: Opportunity, manager: Employee) -> None:
    assess_all(opportunity)
    with pytest.raises(IntegrityError), transaction.atomic():
        assess_all(opportunity)
    with pytest.raises(ChangedMeanwhile):
        make(opportunity, "strategy", manager, version=5)


def test_what_is_closed_is_assessed_no_more(
    browser: Browser, opportunity: Opportunity, manager: Employee
) -> None:
    assess_all(opportunity)
    move(opportunity=opportunity, stage=stage("opened"), by=manager, version=1)
    data = {**ASSESSED["value"], "version": 1, "growth": "high"}
    assert browser.post(url(opportunity), data).status_code == 422
    assert Assessment.objects.count() == 3


@pytest.mark.parametrize(
    ("person", "status"),
    [("stranger", 404), ("colleague", 404), ("operations", 404), ("compliance", 403)],
)
def test_assessing_keeps_to_the_scope(
    browse: Browse,
    opportunity: Opportunity,
    person: str,
    status: int,
    request: pytest.FixtureRequest,
) -> None:
    browser = browse(request.getfixturevalue(person))
    data = {**ASSESSED["value"], "version": 0}
    assert browser.post(url(opportunity), data).status_code == status
    assert browser.put(url(opportunity)).status_code == 405
    assert not Assessment.objects.exists()


def test_an_unknown_assessment_is_not_there(browser: Browser, opportunity: Opportunity) -> None:
    assert browser.get(url(opportunity, "luck")).status_code == 404


def test_the_file_shows_gates_and_answers(
    browser: Browser, opportunity: Opportunity, manager: Employee
) -> None:
    make(opportunity, "value", manager)
    answer = browser.get(opportunity.get_absolute_url())
    gates = {gate.which.value: gate for gate in answer.context["gates"]}
    assert (gates["value"].made is not None, gates["strategy"].is_next) == (True, True)
    missing = {step.stage.key: step.missing for step in answer.context["steps"]}
    assert missing["assessed"] == []
    assert missing["opened"] == ["opportunity", "strategy"]
    entries, _rest = timeline.read(manager, opportunity.client, "assessment", "")
    assert len(entries) == 1


def test_the_file_asks_the_same_number_of_statements(
    browser: Browser, opportunity: Opportunity, manager: Employee
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(opportunity.get_absolute_url()).status_code == 200
        return len(seen)

    few = count()
    assess_all(opportunity)
    move(opportunity=opportunity, stage=stage("opening"), by=manager, version=1)
    assert count() == few <= 12
