"""Segments in the product: looked at before they are in force, applied as a whole, never by stealth."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients import segment_preview
from clients.classification import classify
from clients.models import Client, Segment, SegmentRule
from staff.models import Branch, Employee
from tests.cast import Browse
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db


def posted(segment: Segment | None = None, **values: Any) -> dict[str, Any]:
    rule = segment.rules.filter(valid_to=None).first() if segment else None
    return {
        "name_zh": segment.name_zh if segment else "银发客户",
        "name_en": segment.name_en if segment else "Silver",
        "tier": "2",
        "priority": "5",
        "base": rule.pk if rule else 0,
        **values,
    }


@pytest.fixture
def rich(manager: Employee) -> list[Client]:
    made = ClientFactory.create_batch(
        3, manager=manager, income_level="high", investment_size="small"
    )
    classify(clients=[client.pk for client in made])
    return made


def test_it_shows_what_would_happen_and_changes_nothing(
    rich: list[Client], head: Employee, browse: Browse
) -> None:
    before = (SegmentRule.objects.count(), Segment.objects.count())
    asked = posted(income_levels=["high"], investment_sizes=["small"])
    answer = browse(head).post("/segments/new/", asked)
    assert answer.status_code == 200
    preview = answer.context["preview"]
    assert preview.moving == 3
    assert {client.pk for client in preview.sample} == {client.pk for client in rich}
    assert (SegmentRule.objects.count(), Segment.objects.count()) == before
    assert "Put in force" in answer.content.decode() or "生效" in answer.content.decode()


def test_what_was_shown_is_what_happens(
    rich: list[Client], head: Employee, branch: Branch, browse: Browse
) -> None:
    asked = posted(income_levels=["high"], investment_sizes=["small"])
    browser = browse(head)
    preview = browser.post("/segments/new/", asked).context["preview"]
    assert browser.post("/segments/new/", asked | {"apply": "1"}).status_code == 302
    made = Segment.objects.get(name_zh="银发客户")
    assert (made.branch, made.key) == (branch, "silver")
    assert classify(branch=branch) == preview.moving
    assert Client.objects.filter(segment=made).count() == 3


def test_a_branch_moves_nobody_of_another(
    rich: list[Client], stranger: Employee, head: Employee, browse: Browse
) -> None:
    ClientFactory(manager=stranger, income_level="high", investment_size="small")
    asked = posted(income_levels=["high"], investment_sizes=["small"])
    assert browse(head).post("/segments/new/", asked).context["preview"].moving == 3


def test_it_says_what_load_it_makes(
    rich: list[Client], administrator: Employee, browse: Browse
) -> None:
    segment = Segment.objects.get(key="small_conservative")
    plan = segment.plans.get(valid_to=None)
    plan.every, plan.unit = 1, "day"
    plan.save()
    asked = posted(segment, income_levels=["high"], investment_sizes=["small"])
    answer = browse(administrator).post(f"/segments/{segment.pk}/", asked)
    panel = answer.context["panels"][0]
    gained = next(row for row in panel["rows"] if row.segment == segment)
    managers = answer.context["preview"].managers
    assert gained.after - gained.before == pytest.approx(
        sum(
            after - before
            for row, before, after in answer.context["preview"].changed
            if row == segment
        )
        * 365.25
        / 243
        / managers
    )


@pytest.mark.parametrize(
    "wrong", [{"priority": "0"}, {"priority": "x"}, {"tier": "9"}, {"income_levels": ["none"]}, {}]
)
def test_bad_input_is_a_sentence(head: Employee, browse: Browse, wrong: dict[str, Any]) -> None:
    boxes = {"income_levels": ["high"]} if wrong else {}
    asked = posted() | boxes | wrong
    answer = browse(head).post("/segments/new/", asked | {"apply": "1"})
    assert answer.status_code == 422
    assert not Segment.objects.filter(name_zh="银发客户").exists()


def test_a_second_editor_is_told(administrator: Employee, browse: Browse) -> None:
    segment = Segment.objects.get(key="private")
    first = posted(segment, income_levels=["high"])
    browser = browse(administrator)
    assert browser.post(f"/segments/{segment.pk}/", first | {"apply": "1"}).status_code == 302
    answer = browser.post(f"/segments/{segment.pk}/", first | {"priority": "9", "apply": "1"})
    assert answer.status_code == 409
    assert segment.rules.get(valid_to=None).priority == 5


def test_a_head_does_not_change_the_firms_and_a_manager_nothing(
    head: Employee, manager: Employee, browse: Browse
) -> None:
    segment = Segment.objects.get(key="private")
    assert browse(head).get(f"/segments/{segment.pk}/").status_code == 403
    assert browse(manager).get("/segments/new/").status_code == 403
    assert browse(manager).get("/segments/").status_code == 200
    assert browse(manager).post("/segments/").status_code == 405


def test_a_rule_is_ended(administrator: Employee, browse: Browse) -> None:
    segment = Segment.objects.get(key="private")
    assert browse(administrator).post(f"/segments/{segment.pk}/", {"end": "1"}).status_code == 302
    assert not segment.rules.filter(valid_to=None).exists()
    page = browse(administrator).get(f"/segments/{segment.pk}/")
    assert page.status_code == 200


def rule(key: str, priority: int, branch: Branch | None = None, **lists: Any) -> SegmentRule:
    segment = Segment(pk=priority, key=key, name_zh=key, name_en=key, branch=branch)
    return SegmentRule(segment=segment, priority=priority, **lists)


def found(*rules: SegmentRule) -> list[tuple[str, str, bool]]:
    return [
        (clash.first.segment.key, clash.second.segment.key, clash.hidden)
        for clash in segment_preview.clashes(list(rules))
    ]


def test_rules_that_clash_are_pointed_out(branch: Branch, other_branch: Branch) -> None:
    wide = rule("wide", 10, income_levels=["high"])
    narrow = rule("narrow", 20, income_levels=["high"], investment_sizes=["large"])
    assert found(wide, narrow) == [("wide", "narrow", True)]
    # The narrow one first is what priorities are for.
    assert found(rule("narrow", 5, income_levels=["high"], investment_sizes=["large"]), wide) == []
    across = rule("across", 20, investment_sizes=["large"])
    assert found(wide, across) == [("wide", "across", False)]
    assert found(wide, rule("low", 20, income_levels=["low"])) == []
    # A branch's rule hides the firm's there only; rules of two branches never meet.
    assert found(rule("own", 10, branch, income_levels=["high"]), wide) == []
    assert (
        found(
            rule("own", 10, branch, income_levels=["high"]),
            rule("theirs", 20, other_branch, income_levels=["high"]),
        )
        == []
    )


def test_it_takes_a_constant_number_of_queries(
    rich: list[Client], head: Employee, manager: Employee, browse: Browse
) -> None:
    browser = browse(head)
    browser.get("/segments/")
    numbers = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            browser.get("/segments/")
        numbers.append(len(queries))
        ClientFactory.create_batch(5, manager=manager)
    assert numbers[0] == numbers[1]
