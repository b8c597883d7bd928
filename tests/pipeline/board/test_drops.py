"""A card dropped on a column: moved, refused, asked for more, and dropped by two people."""

import json
import re
from typing import Any

import pytest
from django.test import Client as Browser

from clients.models import Client
from crm.trading_days import today
from pipeline.models import LostReason, Opportunity, Stage, StageMove
from pipeline.opportunities.services import create_opportunity, move
from staff.models import Employee
from tests.cast import Browse
from tests.factories import ClientFactory, OpportunityFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def opportunity(zhou: Client, manager: Employee) -> Opportunity:
    return create_opportunity(client=zhou, by=manager)


def drop(browser: Browser, opportunity: Opportunity, **data: Any) -> Any:
    sent = {"stage": "contacted", "version": opportunity.version, "at": "new"} | data
    return browser.post(f"{opportunity.get_absolute_url()}drop/", sent, headers=HTMX)


def stage_of(opportunity: Opportunity) -> str:
    return Opportunity.objects.get(pk=opportunity.pk).stage.key


def said(answer: Any, event: str) -> str:
    return str(json.loads(answer["HX-Trigger"])[event]["text"])


def test_it_moves_and_answers_with_the_card_and_the_figures(
    browse: Browse, manager: Employee, opportunity: Opportunity
) -> None:
    Opportunity.objects.filter(pk=opportunity.pk).update(amount=120_000)
    answer = drop(browse(manager), opportunity)
    assert answer.status_code == 200
    assert stage_of(opportunity) == "contacted"
    text = answer.content.decode()
    assert text.count("<li") == 1
    assert f'data-card="{opportunity.get_absolute_url()}" data-version="2"' in text
    heads = {c.stage.key: (c.figures.count, c.figures.total) for c in answer.context["heads"]}
    assert (heads["new"], heads["contacted"]) == ((0, None), (1, 120_000))
    assert len(re.findall('id="head-none-[a-z]+" hx-swap-oob="true"', text)) == 7
    assert "周婷" in said(answer, "board-said")


def test_dropped_twice_it_moves_once(
    browse: Browse, manager: Employee, opportunity: Opportunity
) -> None:
    for _time in range(2):
        assert drop(browse(manager), opportunity).status_code == 200
    assert StageMove.objects.filter(to_stage__key="contacted").count() == 1


def test_the_second_one_sees_who_moved_it_where(
    browse: Browse, manager: Employee, head: Employee, opportunity: Opportunity
) -> None:
    interested = Stage.objects.get(key="interested")
    move(opportunity=opportunity, stage=interested, by=head, version=1)
    answer = drop(browse(manager), opportunity)
    assert answer.status_code == 409
    assert stage_of(opportunity) == "interested"
    text = answer.content.decode()
    assert 'data-at="interested"' in text
    assert 'data-version="2"' in text
    told = said(answer, "toast")
    assert head.full_name in told
    assert str(interested) in told
    assert "周婷" in told
    # With what was learnt, the next drop moves it.
    assert drop(browse(manager), opportunity, version=2, at="interested").status_code == 200


def test_the_second_window_of_the_same_person_is_told_so(
    browse: Browse, manager: Employee, opportunity: Opportunity
) -> None:
    move(opportunity=opportunity, stage=Stage.objects.get(key="interested"), by=manager, version=1)
    told = said(drop(browse(manager), opportunity), "toast")
    assert manager.full_name not in told
    assert str(Stage.objects.get(key="interested")) in told


def test_a_change_that_was_no_move_is_told_apart(
    browse: Browse, manager: Employee, head: Employee, opportunity: Opportunity
) -> None:
    Opportunity.objects.filter(pk=opportunity.pk).update(version=4, changed_by=head)
    answer = drop(browse(manager), opportunity)
    assert answer.status_code == 409
    assert head.full_name in said(answer, "toast")
    assert 'data-at="new"' in answer.content.decode()


def test_one_that_was_lost_meanwhile_is_shown_as_lost(
    browse: Browse, manager: Employee, head: Employee, opportunity: Opportunity
) -> None:
    lost, reason = Stage.objects.get(key="lost"), LostReason.objects.first()
    move(opportunity=opportunity, stage=lost, by=head, version=1, lost_reason=reason)
    answer = drop(browse(manager), opportunity)
    assert answer.status_code == 409
    assert 'data-at="lost"' in answer.content.decode()
    assert "data-card" not in answer.content.decode()
    assert drop(browse(manager), opportunity, version=2).status_code == 400
    assert stage_of(opportunity) == "lost"


@pytest.mark.parametrize("stage", ["opened", "lost", "assessed"])
def test_what_a_stage_needs_is_asked_on_its_page(
    browse: Browse, manager: Employee, opportunity: Opportunity, stage: str
) -> None:
    browser = browse(manager)
    answer = drop(browser, opportunity, stage=stage, back="lanes=type&kind=account_opening")
    assert answer.status_code == 204
    assert stage_of(opportunity) == "new"
    page = browser.get(answer["HX-Redirect"])
    assert page.status_code == 200
    # Losing needs no assessment: its form is there. Both lead back to the same board.
    asked = page.context["stage"] if stage == "lost" else page.context["towards"]
    assert asked.key == stage
    assert 'value="kind=account_opening&amp;lanes=type"' in page.content.decode()


def test_after_the_page_the_board_has_the_same_filters(
    browse: Browse, manager: Employee, opportunity: Opportunity
) -> None:
    reason = LostReason.objects.get(key="commission").pk
    data = {"stage": "lost", "version": 1, "lost_reason": reason, "back": "gap=1&lanes=type"}
    answer = browse(manager).post(f"{opportunity.get_absolute_url()}move/", data)
    assert answer["Location"] == "/pipeline/?gap=1&lanes=type"


def test_the_figures_are_those_of_the_lane(
    browse: Browse, head: Employee, manager: Employee, colleague: Employee, opportunity: Opportunity
) -> None:
    OpportunityFactory(
        client=ClientFactory(manager=colleague, prospect=True),
        stage=Stage.objects.get(key="contacted"),
    )
    answer = drop(browse(head), opportunity, back="lanes=manager")
    heads = {c.key: c.figures.count for c in answer.context["heads"]}
    assert heads[f"{manager.pk}-contacted"] == 1


@pytest.mark.parametrize(
    "data",
    [
        {"stage": "nowhere"},
        {"stage": ""},
        {"stage": "nowhere\x00"},
        {"version": "x"},
        {"version": ""},
        {"version": "-1"},
        {"version": "9" * 12},
    ],
)
def test_bad_input_moves_nothing(
    browse: Browse, manager: Employee, opportunity: Opportunity, data: dict[str, str]
) -> None:
    answer = drop(browse(manager), opportunity, **data)
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/plain")
    assert stage_of(opportunity) == "new"


def test_a_stage_of_another_kind_is_refused(
    browse: Browse, manager: Employee, opportunity: Opportunity
) -> None:
    Stage.objects.create(
        key="elsewhere", opportunity_kind="sale", name_zh="别处", kind="open", position=1
    )
    assert drop(browse(manager), opportunity, stage="elsewhere").status_code == 400
    assert stage_of(opportunity) == "new"


def test_wrong_filters_of_the_board_are_not_there(
    browse: Browse, manager: Employee, opportunity: Opportunity
) -> None:
    assert drop(browse(manager), opportunity, back="type=rich").status_code == 400
    assert stage_of(opportunity) == "new"


def test_a_wrong_method(browse: Browse, manager: Employee, opportunity: Opportunity) -> None:
    url = f"{opportunity.get_absolute_url()}drop/"
    assert browse(manager).get(url).status_code == 405


@pytest.mark.parametrize(
    ("person", "status"),
    [("colleague", 404), ("stranger", 404), ("operations", 404), ("compliance", 403)],
)
def test_it_keeps_to_the_scope(
    browse: Browse,
    opportunity: Opportunity,
    person: str,
    status: int,
    request: pytest.FixtureRequest,
) -> None:
    assert drop(browse(request.getfixturevalue(person)), opportunity).status_code == status
    assert stage_of(opportunity) == "new"


def test_the_columns_that_are_left_count_today(
    browse: Browse, manager: Employee, opportunity: Opportunity
) -> None:
    answer = drop(browse(manager), opportunity)
    moved = StageMove.objects.get(to_stage__key="contacted")
    assert (moved.employee, moved.moved_on) == (manager, today())
    assert answer.context["heads"][1].list_url.startswith("/pipeline/list/?")


def test_a_move_is_taken_back_from_its_toast(
    browse: Browse, manager: Employee, opportunity: Opportunity
) -> None:
    browser = browse(manager)
    answer = drop(browser, opportunity, back="gap=1")
    undo = json.loads(answer["HX-Trigger"])["toast"]["undo"]
    back = browser.post(undo)
    assert back["Location"] == "/pipeline/?gap=1"
    assert stage_of(opportunity) == "new"
    # Both moves stay on record.
    assert StageMove.objects.filter(opportunity=opportunity).count() == 3


def test_a_way_back_ends_where_somebody_else_came_first(
    browse: Browse, manager: Employee, head: Employee, opportunity: Opportunity
) -> None:
    browser = browse(manager)
    undo = json.loads(drop(browser, opportunity)["HX-Trigger"])["toast"]["undo"]
    stage = Stage.objects.get(key="interested")
    move(opportunity=opportunity, stage=stage, by=head, version=2)
    refused = browser.post(undo)
    assert refused.status_code == 409
    assert head.full_name in refused.content.decode()
    assert stage_of(opportunity) == "interested"
    own = undo.replace("version=2", "version=3")
    assert browser.post(own).status_code == 409  # the last move is not one's own


def test_a_way_back_is_a_post_of_who_may_move(
    browse: Browse,
    manager: Employee,
    stranger: Employee,
    compliance: Employee,
    opportunity: Opportunity,
) -> None:
    undo = json.loads(drop(browse(manager), opportunity)["HX-Trigger"])["toast"]["undo"]
    assert browse(manager).get(undo).status_code == 405
    assert browse(stranger).post(undo).status_code == 404
    assert browse(compliance).post(undo).status_code == 403
    assert browse(manager).post(undo.replace("version=2", "version=x")).status_code == 400
    assert stage_of(opportunity) == "contacted"
