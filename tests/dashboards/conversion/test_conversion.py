"""Conversion: each figure equals its list, and is right when counted by hand."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from crm.trading_days import today
from dashboards.conversion.survival import Staying
from pipeline.models import Channel, Competitor, Lead, LostReason, Opportunity, Stage, StageMove
from staff.models import Branch, Employee
from tests.cast import Browse
from tests.dashboards.board.test_board import figures, rows_of
from tests.factories import ClientFactory, EmployeeFactory, OpportunityFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
VIEWERS = ["manager", "head", "regional_head", "compliance", "administrator"]
PAGE = "/board/conversion/"


def opportunity(
    client: Client, way: str, days: tuple[int, ...], created: date, *, reason: int = 0
) -> Opportunity:
    """One that came through the stages of ``way``, so many days after its creation."""
    stages = {stage.key: stage for stage in Stage.objects.all()}
    passed = [stages[key] for key in way.split()]
    ended = passed[-1].kind != Stage.Kind.OPEN
    lost = passed[-1].kind == Stage.Kind.LOST
    row = OpportunityFactory(
        client=client,
        stage=passed[-1],
        created_on=created,
        stage_since=created + timedelta(days=days[-1]),
        closed_on=created + timedelta(days=days[-1]) if ended else None,
        lost_reason=LostReason.objects.all()[reason] if lost else None,
        competitor=Competitor.objects.all()[0] if lost and reason else None,
    )
    before = None
    for stage, day in zip(passed, days, strict=True):
        StageMove.objects.create(
            opportunity=row,
            from_stage=before,
            to_stage=stage,
            moved_on=created + timedelta(days=day),
        )
        before = stage
    return row


def book(manager: Employee, channel: Channel | None = None) -> None:
    """Four of half a year ago, one of last week, and one from long before the period."""
    old, young = today() - timedelta(days=150), today() - timedelta(days=5)
    ways: list[tuple[str, tuple[int, ...], date, int]] = [
        ("new contacted interested assessed opening opened", (0, 2, 5, 20, 40, 80), old, 0),
        ("new contacted interested", (0, 1, 70), old, 0),
        # Back one stage: reached counts the furthest.
        ("new contacted interested contacted lost", (0, 3, 9, 11, 31), old, 1),
        ("new lost", (0, 4), old, 0),
        ("new contacted", (0, 1), young, 0),
        ("new", (0,), today() - timedelta(days=900), 0),
    ]
    for number, (way, days, created, reason) in enumerate(ways):
        client = ClientFactory(
            manager=manager,
            prospect=True,
            recorded_on=created,
            prospect_type=["advisory", "avoidant", ""][number % 3],
        )
        if channel is not None and number % 2:
            Lead.objects.create(
                client=client, channel=channel, via="quick", employee=manager, on=created
            )
        opportunity(client, way, days, created, reason=reason)


@pytest.fixture
def firm(manager: Employee, colleague: Employee, stranger: Employee, head: Employee) -> Channel:
    channel = Channel.objects.create(name="工商银行陆家嘴支行", kind="bank")
    for person in (colleague, stranger, manager):
        book(person, channel)
    for way, days in (("new contacted", (0, 30)), ("new contacted lost", (0, 31, 32))):
        lonely = ClientFactory(manager=None, branch=head.branch, prospect=True)
        opportunity(lonely, way, days, today() - timedelta(days=45))
    return channel


def wrong(browser: Browser, query: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Figures of the page that differ from the list that they open."""
    shown = [f for f in figures(browser.get(PAGE, query)) if "/pipeline/list/" in f.url]
    assert len(shown) > 20
    # Each address once: many cells say the same.
    lists = {figure.url: rows_of(browser, figure.url) for figure in shown}
    return [(f.url, f.value, lists[f.url]) for f in shown if lists[f.url] != f.value]


@pytest.mark.parametrize("viewer", VIEWERS)
def test_every_figure_equals_its_list(
    firm: Channel, browse: Browse, viewer: str, request: pytest.FixtureRequest
) -> None:
    assert wrong(browse(request.getfixturevalue(viewer)), {}) == []


@pytest.mark.parametrize(
    "query",
    [
        {"within": "30", "by": "manager"},
        {"within": "60", "by": "channel"},
        {"by": "type"},
        {"type": "none"},
        {"channel": "none", "by": "type"},
        {"manager": "none", "by": "manager"},
    ],
)
def test_every_choice_equals_its_lists(
    firm: Channel, browse: Browse, regional_head: Employee, query: dict[str, str]
) -> None:
    assert wrong(browse(regional_head), query) == []


def test_a_choice_of_people_and_channel_equals_its_lists(
    firm: Channel,
    browse: Browse,
    regional_head: Employee,
    stranger: Employee,
    other_branch: Branch,
) -> None:
    chosen = {"branch": other_branch.pk, "manager": stranger.pk, "channel": firm.pk}
    answer = browse(regional_head).get(PAGE, chosen)
    assert answer.context["page"].created.value == 2
    assert wrong(browse(regional_head), {"channel": firm.pk}) == []
    assert wrong(browse(regional_head), {"branch": other_branch.pk}) == []


def test_it_is_right_when_counted_by_hand(firm: Channel, browse: Browse, manager: Employee) -> None:
    page = browse(manager).get(PAGE).context["page"]
    assert (page.created.value, page.lost.value) == (5, 2)
    told = {
        step.stage.key: (step.reached.value, step.here.value, step.lost and step.lost.value)
        for step in page.steps
    }
    assert told == {
        "new": (5, 0, 1),
        "contacted": (4, 1, 1),
        "interested": (3, 1, 0),
        "assessed": (1, 0, 0),
        "opening": (1, 0, 0),
        "opened": (1, 1, None),
    }
    first, second = LostReason.objects.all()[:2]
    losses = {loss.name: [cell.value for cell in loss.cells] for loss in page.losses}
    assert losses == {str(first): [1, 0, 0, 0, 0], str(second): [0, 1, 0, 0, 0]}
    winners = {loss.name: (loss.total.value, loss.cells[1].value) for loss in page.winners}
    assert winners == {str(Competitor.objects.all()[0]): (1, 1)}
    old = page.cohorts[0]
    assert (old.created.value, old.finished) == (4, True)
    assert [cell.figure.value for cell in old.cells] == [3, 3, 1, 1, 1]
    young = page.cohorts[-1]
    assert (young.created.value, young.finished) == (1, False)


def test_a_shorter_window_counts_fewer(firm: Channel, browse: Browse, manager: Employee) -> None:
    def old(within: int) -> list[int]:
        page = browse(manager).get(PAGE, {"within": within}).context["page"]
        return [cell.figure.value for cell in page.cohorts[0].cells]

    assert old(30) == [3, 2, 1, 0, 0]
    assert old(60) == [3, 2, 1, 1, 0]


def test_days_in_a_stage_count_all_stays_and_those_still_there(
    firm: Channel, browse: Browse, manager: Employee
) -> None:
    stays = {stay.stage.key: stay for stay in browse(manager).get(PAGE).context["page"].stays}
    contacted = stays["contacted"]
    # 2 → 5; 1 → 70; 3 → 9 and 11 → 31 of the same one; and one there for 4 days so far.
    assert dict(contacted.days.left) == {3: 1, 69: 1, 26: 1}
    assert dict(contacted.days.there) == {4: 1}
    assert (contacted.entered.value, contacted.here.value) == (4, 1)
    assert not contacted.days.is_enough


def test_those_still_there_make_no_stage_look_quick() -> None:
    days = Staying(20)
    days.left.update({1: 10, 2: 2})
    days.there.update({30: 8})
    assert (days.is_enough, days.count, days.median, days.most) == (True, 20, 1, None)
    days.there.update({1: 20})
    # After the first day 30 of 40 remain, of whom 10 are watched further: two of them leave.
    assert days.median is None
    days.left.update({40: 1})
    assert Staying(20, left={2: 4, 9: 1}, there={}).most == 2


def test_few_have_no_share_and_a_running_month_neither(
    browse: Browse, manager: Employee, head: Employee
) -> None:
    old, young = today() - timedelta(days=120), today() - timedelta(days=3)
    past, late = ({"created_from": str(day), "created_to": str(day)} for day in (old, young))
    for created in (old, young):
        for number in range(20):
            way, days = ("new contacted", (0, 1)) if number < 15 else ("new", (0,))
            client = ClientFactory(manager=manager, prospect=True, recorded_on=created)
            opportunity(client, way, days, created)
    answer = browse(head).get(PAGE, past)
    assert "75% <small" in answer.content.decode()
    assert answer.context["page"].steps[0].on.percent == 75
    running = browse(head).get(PAGE, late)
    cohorts = running.content.decode().split('id="cohorts"', 1)[1].split("</section>", 1)[0]
    assert "75%" not in cohorts
    assert not running.context["page"].cohorts[0].finished
    assert "cohorts" not in running.context["charts"]
    few = browse(head).get(PAGE, {**past, "type": "advisory"})
    assert few.context["page"].created.value == 0


def test_lines_compare_what_one_may_see(
    firm: Channel, browse: Browse, head: Employee, regional_head: Employee, manager: Employee
) -> None:
    def names(viewer: Employee, **query: str) -> list[str]:
        return [line.name for line in browse(viewer).get(PAGE, query).context["page"].lines]

    assert names(head)[:2] in (["李强", "王芳"], ["王芳", "李强"])
    nobody = browse(head).get(PAGE).context["page"].lines[2]
    assert (nobody.created.value, "manager=none" in nobody.url) == (2, True)
    assert names(regional_head) == ["华东分公司", "浦东营业部", "闵行营业部"]
    assert len(names(manager, by="channel")) == 2
    # Whoever has no branches to choose from is not asked for them.
    assert names(manager, by="branch") == names(manager, by="channel")
    company = browse(regional_head).get(PAGE).context["page"].lines[0]
    assert company.created.value == 17


def test_the_lines_of_channels_are_all_that_were_created(
    firm: Channel, browse: Browse, head: Employee, manager: Employee, other_branch: Branch
) -> None:
    """A closed channel keeps its line; those of other branches stand together."""
    Channel.objects.filter(pk=firm.pk).update(is_active=False)
    for name in ("社区", "商会"):
        theirs = Channel.objects.create(name=name, kind="community", branch=other_branch)
        client = ClientFactory(manager=manager, prospect=True)
        Lead.objects.create(
            client=client, channel=theirs, via="quick", employee=manager, on=today()
        )
        opportunity(client, "new contacted", (0, 0), today())
    answer = browse(head).get(PAGE, {"by": "channel"})
    page = answer.context["page"]
    found = {line.name: line.created.value for line in page.lines}
    assert found[str(firm)] == 4
    assert found["其他渠道"] == 2
    assert sum(found.values()) == page.created.value
    assert wrong(browse(head), {"by": "channel"}) == []


def test_what_others_have_counts_nothing(
    firm: Channel, browse: Browse, stranger: Employee, manager: Employee, operations: Employee
) -> None:
    browser = browse(stranger)
    assert browser.get(PAGE).context["page"].created.value == 5
    assert browser.get(PAGE, {"manager": manager.pk}).status_code == 404
    assert browse(operations).get(PAGE).status_code == 403
    assert browser.post(PAGE).status_code == 405


def test_a_channel_of_another_branch_is_no_choice(
    browse: Browse, head: Employee, other_branch: Branch
) -> None:
    theirs = Channel.objects.create(name="社区", kind="community", branch=other_branch)
    assert browse(head).get(PAGE, {"channel": theirs.pk}).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "lottery"},
        {"type": "rich"},
        {"channel": "9x"},
        {"created_from": "yesterday"},
        {"created_from": "2026-02-02", "created_to": "2026-02-01"},
        {"within": "45"},
        {"within": "-1"},
        {"by": "zodiac"},
        {"branch": "x"},
    ],
)
def test_a_malformed_choice_is_refused(
    browse: Browse, head: Employee, query: dict[str, str]
) -> None:
    assert browse(head).get(PAGE, query).status_code == 400


@pytest.mark.parametrize("query", ["within=x", "reached=nowhere", "entered=1", "lost_from=-"])
def test_a_malformed_list_is_refused(browse: Browse, head: Employee, query: str) -> None:
    assert browse(head).get(f"/pipeline/list/?{query}").status_code == 400


@pytest.mark.parametrize("until", ["0001-01-31", "9999-12-31"])
def test_far_days_are_no_error(firm: Channel, browse: Browse, head: Employee, until: str) -> None:
    assert browse(head).get(PAGE, {"created_to": until}).status_code == 200


def test_an_empty_firm_says_so(browse: Browse, head: Employee) -> None:
    answer = browse(head).get(PAGE, {"kind": "sale"})
    assert answer.status_code == 200
    assert answer.context["page"].created.value == 0


@pytest.mark.parametrize("viewer", VIEWERS)
def test_its_statements_stay_the_same(
    browse: Browse, branch: Branch, viewer: str, request: pytest.FixtureRequest
) -> None:
    browser = browse(request.getfixturevalue(viewer))

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(PAGE).status_code == 200
        return len(seen)

    book(EmployeeFactory(branch=branch))
    few = count()
    for _more in range(4):
        book(EmployeeFactory(branch=branch))
    assert count() == few
    assert few <= 21
