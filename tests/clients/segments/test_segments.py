"""Segments in the product: looked at before they are in force, applied as a whole, never by stealth."""

from datetime import date
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from clients.models import Client, Segment, SegmentRule
from clients.segments.classification import classify
from clients.segments.conflicts import clashes
from clients.segments.fields import DIMENSIONS
from clients.segments.preview import in_words
from clients.segments.services import revise_rule
from staff.models import Branch, Employee
from tests.cast import Browse
from tests.factories import ClientFactory, EmployeeFactory
from visits.models import Callback, CallbackPlan
from visits.planning.planner import plan_callbacks

pytestmark = pytest.mark.django_db


def posted(segment: Segment | None = None, **values: Any) -> dict[str, Any]:
    rule = segment.rules.filter(valid_to=None).first() if segment else None
    return {
        "name_zh": segment.name_zh if segment else "银发客户",
        "name_en": segment.name_en if segment else "Silver",
        "tier": "2",
        "priority": "5",
        "base": rule.pk if rule else 0,
        "like": Segment.objects.get(is_default=True).pk,
        **values,
    }


def put(browser: Browser, address: str, asked: dict[str, Any]) -> int:
    """Look at it, then put it in force; the answer to that."""
    seen = browser.post(address, asked).context["seen"]
    return int(browser.post(address, asked | {"apply": "1", "seen": seen}).status_code)


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
    assert put(browser, "/segments/new/", asked) == 302
    made = Segment.objects.get(name_zh="银发客户")
    assert (made.branch, made.key) == (branch, "silver")
    assert classify(branch=branch) == preview.moving
    assert Client.objects.filter(segment=made).count() == 3


def test_a_new_segment_is_contacted_from_the_first_day(
    rich: list[Client], head: Employee, browse: Browse
) -> None:
    like = Segment.objects.get(key="private")
    asked = posted(income_levels=["high"], investment_sizes=["small"], like=like.pk)
    assert put(browse(head), "/segments/new/", asked) == 302
    made = Segment.objects.get(name_zh="银发客户")
    taken, plan = (
        CallbackPlan.objects.get(segment=segment, valid_to=None) for segment in (like, made)
    )
    assert (plan.every, plan.unit, plan.script, plan.channel) == (
        taken.every,
        taken.unit,
        taken.script,
        taken.channel,
    )
    classify()
    plan_callbacks()
    due = Callback.objects.filter(client__in=rich, kind="cadence", status="open")
    assert due.count() == 3


def test_it_takes_no_plan_from_a_segment_that_has_none(
    rich: list[Client], head: Employee, branch: Branch, browse: Browse
) -> None:
    empty = Segment.objects.create(key="empty", name_zh="无方案客户", branch=branch)
    asked = posted(income_levels=["high"], investment_sizes=["small"], like=empty.pk)
    browser = browse(head)
    seen = browser.post("/segments/new/", asked).context["seen"]
    answer = browser.post("/segments/new/", asked | {"apply": "1", "seen": seen})
    assert answer.status_code == 422
    assert not Segment.objects.filter(name_zh="银发客户").exists()
    other = posted(income_levels=["high"], investment_sizes=["small"], like=999999)
    assert browser.post("/segments/new/", other).status_code == 422


def test_an_older_segment_without_a_plan_takes_one_when_it_goes_in_force(
    rich: list[Client], head: Employee, branch: Branch, browse: Browse
) -> None:
    bare = Segment.objects.create(key="bare", name_zh="无方案客户", branch=branch)
    asked = posted(bare, income_levels=["high"], investment_sizes=["small"])
    assert put(browse(head), f"/segments/{bare.pk}/", asked) == 302
    plan = bare.plans.get(valid_to=None)
    assert plan.every == CallbackPlan.objects.get(segment__is_default=True, valid_to=None).every
    # What has a plan of its own keeps it.
    CallbackPlan.objects.filter(pk=plan.pk).update(every=9)
    SegmentRule.objects.filter(segment=bare).update(valid_to=date(2099, 1, 1))
    assert put(browse(head), f"/segments/{bare.pk}/", asked) == 302
    assert bare.plans.get(valid_to=None).every == 9


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
    assert put(browser, f"/segments/{segment.pk}/", first) == 302
    answer = browser.post(f"/segments/{segment.pk}/", first | {"priority": "9", "apply": "1"})
    assert answer.status_code == 409
    # A correction of the same day is no new rule, but nobody looked at it.
    address = f"/segments/{segment.pk}/"
    asked = posted(segment, income_levels=["low"])
    seen = browser.post(address, asked).context["seen"]
    assert put(browser, address, posted(segment, income_levels=["middle"])) == 302
    answer = browser.post(address, asked | {"apply": "1", "seen": seen})
    assert answer.status_code == 422
    assert segment.rules.get(valid_to=None).income_levels == ["middle"]
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
    base = segment.rules.get(valid_to=None).pk
    browser, address = browse(administrator), f"/segments/{segment.pk}/"
    assert browser.post(address, {"end": "1", "base": 0}).status_code == 409
    answer = browser.post(address, {"end": "1", "base": base, "apply": "1"})
    assert answer.status_code == 422  # not looked at
    assert answer.context["preview"].moving == 0
    assert segment.rules.filter(valid_to=None).exists()
    assert put(browser, address, {"end": "1", "base": base}) == 302
    assert not segment.rules.filter(valid_to=None).exists()
    page = browser.get(address)
    assert page.status_code == 200
    assert page.context["history"][0].by == administrator


def test_what_nobody_looked_at_is_not_put_in_force(
    rich: list[Client], head: Employee, browse: Browse
) -> None:
    browser = browse(head)
    asked = posted(income_levels=["high"], investment_sizes=["small"])
    seen = browser.post("/segments/new/", asked).context["seen"]
    for more in ({}, {"seen": "x"}, {"seen": seen, "income_levels": ["high", "low"]}):
        answer = browser.post("/segments/new/", asked | {"apply": "1"} | more)
        assert answer.status_code == 422
        assert answer.context["preview"].moving == 3
        assert answer.context["fault"]
    assert not Segment.objects.filter(name_zh="银发客户").exists()


def test_a_preview_waits_for_nobody_and_changes_no_row(
    rich: list[Client], head: Employee, browse: Browse
) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = browse(head).post("/segments/new/", posted(income_levels=["high"]))
    assert answer.context["preview"].moving == 3
    said = " ".join(query["sql"] for query in queries)
    assert "FOR UPDATE" not in said
    assert 'INSERT INTO "clients_' not in said


def test_what_ends_is_shown_as_it_happens(
    rich: list[Client], administrator: Employee, branch: Branch, browse: Browse
) -> None:
    browser = browse(administrator)
    asked = posted(income_levels=["high"], investment_sizes=["small"])
    assert put(browser, "/segments/new/", asked) == 302
    made = Segment.objects.get(name_zh="银发客户")
    classify()
    base = made.rules.get().pk
    ending = browser.post(f"/segments/{made.pk}/", {"end": "1", "base": base})
    shown = ending.context["preview"]
    assert [(move.origin, move.count) for move in shown.moves] == [(made, 3)]
    put(browser, f"/segments/{made.pk}/", {"end": "1", "base": base})
    assert classify() == shown.moving


def test_the_preview_names_the_rules_in_the_way(administrator: Employee, browse: Browse) -> None:
    browser = browse(administrator)
    put(browser, "/segments/new/", posted(income_levels=["high"]))
    asked = posted(name_zh="后来", priority="6", income_levels=["high"], investment_sizes=["small"])
    answer = browser.post("/segments/new/", asked)
    (clash,) = [clash for clash in answer.context["clashes"] if clash.hidden]
    assert (clash.first.segment.name_zh, clash.second.segment.name_zh) == ("银发客户", "后来")
    assert str(clash) in answer.content.decode()


def test_corrections_of_a_day_stay_on_record_with_their_authors(
    administrator: Employee, head_office: Branch, browse: Browse
) -> None:
    other = EmployeeFactory(role="branch_head", branch=head_office, is_superuser=True)
    put(browse(administrator), "/segments/new/", posted(income_levels=["high"]))
    made = Segment.objects.get(name_zh="银发客户")
    address = f"/segments/{made.pk}/"
    for level in ("middle", "low"):
        assert put(browse(other), address, posted(made, income_levels=[level])) == 302
    asked = posted(made, income_levels=["low"], name_zh="银龄客户")
    assert put(browse(administrator), address, asked) == 302
    history = browse(administrator).get(address).context["history"]
    assert [row.by for row in history] == [administrator, other, other, administrator]
    assert not any(row.is_shipped for row in history)
    assert "银龄客户" in history[0].words
    assert history[1].words != history[2].words != history[3].words
    page = browse(administrator).get(address).content.decode()
    assert other.full_name in page


def test_what_ships_says_so(administrator: Employee, browse: Browse) -> None:
    segment = Segment.objects.get(key="private")
    address = f"/segments/{segment.pk}/"
    answer = browse(administrator).get(address)
    assert [(row.by, row.is_shipped) for row in answer.context["history"]] == [(None, True)]
    assert answer.content.decode().count("随产品提供") == 1
    # Changed, the new version is the person's, and the first one stays the product's.
    put(browse(administrator), address, posted(segment, income_levels=["high"]))
    history = browse(administrator).get(address).context["history"]
    assert [(row.by, row.is_shipped) for row in history][-1] == (None, True)
    assert (history[0].by, history[0].is_shipped) == (administrator, False)


def rule(key: str, priority: int, branch: Branch | None = None, **lists: Any) -> SegmentRule:
    segment = Segment(pk=priority, key=key, name_zh=key, name_en=key, branch=branch)
    return SegmentRule(segment=segment, priority=priority, **lists)


def found(*rules: SegmentRule) -> list[tuple[str, str, bool]]:
    return [
        (clash.first.segment.key, clash.second.segment.key, clash.hidden)
        for clash in clashes(list(rules))
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


def test_several_rules_together_leave_nothing() -> None:
    large = rule("large", 10, investment_sizes=["large", "very_large"])
    small = rule("small", 20, investment_sizes=["small", "medium"])
    known = rule("known", 30, investment_sizes=["small", "medium", "large", "very_large"])
    (clash,) = clashes([large, small, known])
    assert clash.hidden
    assert [first.segment.key for first in clash.firsts] == ["large", "small"]
    # Whose size is unknown is left for a rule that does not ask for it.
    assert not any(
        clash.hidden for clash in clashes([large, small, rule("all", 30, lifecycles=["client"])])
    )


def test_every_field_may_be_asked_and_is_shown_before(
    rich: list[Client], head: Employee, browse: Browse
) -> None:
    first = rich[0]
    Client.objects.filter(pk=first.pk).update(
        commission_tier="top",
        activity="dormant",
        prospect_type="delegating",
        kind="organisation",
        birthday=date(1950, 1, 1),
    )
    asked = posted(
        commission_tiers=["high", "top"],
        activities=["dormant"],
        prospect_types=["delegating"],
        kinds=["organisation"],
        ages=["older"],
    )
    browser = browse(head)
    preview = browser.post("/segments/new/", asked).context["preview"]
    assert [client.pk for client in preview.sample] == [first.pk]
    assert put(browser, "/segments/new/", asked) == 302
    made = Segment.objects.get(name_zh="银发客户")
    assert classify() == 1
    assert list(Client.objects.filter(segment=made)) == [first]
    page = browser.get(f"/segments/{made.pk}/").content.decode()
    assert "贡献较高或贡献很高" in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", "年收入 10 万元以下或50 万元以上 · 资产 10 万元以下"),
        ("en", "Income: Below 100,000 or Above 500,000 · Below 100,000 in assets"),
    ],
)
def test_income_is_told_from_assets(language: str, words: str) -> None:
    rule = SegmentRule(income_levels=["low", "high"], investment_sizes=["small"])
    with translation.override(language):
        assert in_words(rule) == words


def test_a_field_that_is_none_is_refused(rich: list[Client]) -> None:
    segment = Segment.objects.get(key="private")
    with pytest.raises(TypeError, match="star_signs"):
        revise_rule(segment=segment, priority=1, star_signs=["leo"])


@st.composite
def rule_sets(draw: Any) -> tuple[list[SegmentRule], list[str]]:
    """Rules over up to three fields, of the firm."""
    names = draw(st.lists(st.sampled_from(list(DIMENSIONS)), min_size=1, max_size=3, unique=True))
    rules = [
        rule(
            f"r{place}",
            place,
            **{
                name: draw(st.lists(st.sampled_from(DIMENSIONS[name].choices.values), unique=True))
                for name in names
            },
        )
        for place in range(1, draw(st.integers(2, 7)))
    ]
    return rules, names


@given(drawn=rule_sets())
def test_clashes_are_those_that_counting_out_finds(
    drawn: tuple[list[SegmentRule], list[str]],
) -> None:
    rules, names = drawn
    spaces = [
        [*DIMENSIONS[name].choices.values, *([] if DIMENSIONS[name].is_always_known else [""])]
        for name in names
    ]

    def taken(one: SegmentRule) -> set[tuple[str, ...]]:
        return {
            point
            for point in product(*spaces)
            if all(
                not getattr(one, name) or value in getattr(one, name)
                for name, value in zip(names, point, strict=True)
            )
        }

    said = clashes(rules)
    for place, second in enumerate(rules):
        mine = taken(second)
        of_second = [clash for clash in said if clash.second is second]
        if not mine - set().union(*(taken(first) for first in rules[:place])):
            (clash,) = of_second
            assert clash.hidden
            assert not mine - set().union(*map(taken, clash.firsts))
            for left_out in clash.firsts:  # each of them is needed
                rest = [taken(first) for first in clash.firsts if first is not left_out]
                assert mine - set().union(*rest)
        else:
            across = [one for one in rules[:place] if taken(one) & mine and taken(one) - mine]
            assert [(clash.first, clash.hidden) for clash in of_second] == [
                (first, False) for first in across
            ]


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
