"""What board, list and calendar are narrowed to; their figures agree for every viewer."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client
from clients.search import search_tokens
from crm.fields import lexemes
from crm.trading_days import today
from pipeline.models import Campaign, Channel, Lead, LostReason, Opportunity, Stage
from staff.models import Branch, Employee
from tests.cast import Browse
from tests.factories import ClientFactory, EmployeeFactory, OpportunityFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
VIEWERS = ["manager", "colleague", "stranger", "head", "regional_head", "compliance", "operations"]
STAGES = ["new", "contacted", "interested", "opened", "lost"]
TYPES = ["avoidant", "delegating", ""]


def make(manager: Employee | None, stage: str = "new", **more: Any) -> Opportunity:
    """An opportunity of a new prospect; ``of`` holds what the prospect is."""
    person = {"manager": manager, "prospect": True} | more.pop("of", {})
    row = Stage.objects.get(key=stage)
    if row.kind != "open":
        more.setdefault("closed_on", today() - timedelta(days=2))
    if row.kind == "lost":
        more.setdefault("lost_reason", LostReason.objects.get(key="commission"))
    return OpportunityFactory(client=ClientFactory(**person), stage=row, **more)


@pytest.fixture
def firm(
    branch: Branch, manager: Employee, colleague: Employee, stranger: Employee
) -> dict[str, Any]:
    """Opportunities over people, stages, types, channels, amounts and days."""
    channel = Channel.objects.create(name="社区", kind="community")
    starts = timezone.now()
    campaign = Campaign.objects.create(
        name="秋季讲座", starts_at=starts, ends_at=starts + timedelta(hours=2), created_by=manager
    )
    for n in range(24):
        person: Employee | None = [manager, colleague, stranger][n % 3]
        of: dict[str, Any] = {"prospect_type": TYPES[n % len(TYPES)]}
        if n == 23:
            person, of = None, of | {"branch": branch}
        made = make(
            person,
            STAGES[n % len(STAGES)],
            of=of,
            amount=None if n % 4 == 0 else Decimal(1000 * n) + Decimal("0.55"),
            expected_on=date(2026, 3, 1) + timedelta(days=n),
            created_on=date(2026, 1, 1) + timedelta(days=n),
            next_step="电话" if n % 2 else "",
            next_step_on=date(2026, 2, 1) + timedelta(days=n) if n % 3 else None,
        )
        if n % 2:
            Lead.objects.create(
                client=made.client,
                channel=channel if n % 4 == 1 else None,
                campaign=campaign if n % 3 else None,
                via="quick",
                employee=manager,
                on=today(),
            )
    return {"channel": channel.pk, "campaign": campaign.pk}


FILTERS: list[dict[str, Any]] = [
    {},
    {"gap": 1},
    {"type": "avoidant"},
    {"type": "none"},
    {"channel": "channel"},
    {"channel": "none"},
    {"campaign": "campaign"},
    {"lost_reason": "commission"},
    {"manager": "none"},
    {"created_from": "2026-01-05", "created_to": "2026-01-15"},
    {"expected_from": "2026-03-10"},
    {"next_to": "2026-02-20"},
    {"q": "客户"},
]


def resolved(firm: dict[str, Any], chosen: dict[str, Any]) -> dict[str, Any]:
    known = dict(firm)
    known["commission"] = LostReason.objects.get(key="commission").pk
    return {name: known.get(value, value) for name, value in chosen.items()}


@pytest.mark.parametrize("lanes", ["", "manager", "type"])
@pytest.mark.parametrize("viewer", VIEWERS)
def test_each_figure_of_the_board_is_that_of_its_list(
    browse: Browse, firm: dict[str, Any], viewer: str, lanes: str, request: pytest.FixtureRequest
) -> None:
    employee = request.getfixturevalue(viewer)
    browser = browse(employee)
    seen = Opportunity.objects.visible_to(employee).count()
    for chosen in FILTERS if not lanes else FILTERS[:4]:
        query = resolved(firm, chosen)
        board = browser.get("/pipeline/", query | {"lanes": lanes}).context["board"]
        counted = 0
        for lane in board.lanes:
            for column in lane.columns:
                listed = browser.get(column.list_url).context
                assert column.figures == listed["figures"], (chosen, column.list_url)
                assert len(listed["page"].items) == min(column.figures.count, 25)
                counted += column.figures.count
        assert counted == board.figures.count
        if not chosen:
            assert counted == seen


def keys(answer: Any) -> set[int]:
    return {row.id for row in answer.context["page"].items}


def test_a_gap_is_an_open_one_without_its_next_step(browse: Browse, manager: Employee) -> None:
    no_words = make(manager, next_step_on=today())
    no_day = make(manager, next_step="电话")
    make(manager, next_step="电话", next_step_on=today())
    make(manager, "lost")
    browser = browse(manager)
    assert keys(browser.get("/pipeline/list/?gap=1")) == {no_words.pk, no_day.pk}
    assert (
        browser.get("/pipeline/").content.decode().split('id="board"')[1].count("crm-pill-warn")
        == 2
    )


def test_a_search_finds_by_the_words_of_the_client_search(
    browse: Browse, manager: Employee, zhou: Client
) -> None:
    Client.objects.filter(pk=zhou.pk).update(search=lexemes(search_tokens("周婷", [])))
    found = OpportunityFactory(client=zhou)
    make(manager)
    browser = browse(manager)
    assert keys(browser.get("/pipeline/list/", {"q": "zhouting"})) == {found.pk}
    assert browser.get("/pipeline/", {"q": "周"}).context["board"].figures.count == 1


def test_each_kind_has_its_own_board(browse: Browse, manager: Employee) -> None:
    Stage.objects.filter(opportunity_kind="sale").delete()
    stage = Stage.objects.create(
        key="pitched", opportunity_kind="sale", name_zh="已推介", kind="open", position=1
    )
    make(manager)
    sale = OpportunityFactory(
        client=ClientFactory(manager=manager), stage=stage, kind="sale", amount=5
    )
    browser = browse(manager)
    board = browser.get("/pipeline/?kind=sale").context["board"]
    assert [s.key for s in board.stages] == ["pitched"]
    assert board.figures.count == 1
    counts = {tab.label: tab.count for tab in board.kinds}
    assert sorted(counts.values()) == [0, 0, 0, 1, 1]
    assert keys(browser.get("/pipeline/list/?kind=sale")) == {sale.pk}
    assert len(keys(browser.get("/pipeline/list/"))) == 2


def test_lanes_by_manager_come_in_pages(
    browse: Browse, head: Employee, branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "pipeline.board.selectors.LANES",
        2,
    )
    for n in range(3):
        make(EmployeeFactory(full_name=f"经理{n}", branch=branch))
    make(None, of={"branch": branch})
    browser = browse(head)
    first = browser.get("/pipeline/?lanes=manager").context["board"]
    assert [lane.name for lane in first.lanes] == ["经理0", "经理1"]
    assert [number for number, _url in first.pages] == [1, 2]
    second = browser.get(first.pages[1][1]).context["board"]
    assert [lane.key == "none" for lane in second.lanes] == [False, True]
    assert second.lanes[0].name == "经理2"
    assert first.figures.count == second.figures.count == 4


@pytest.mark.parametrize("page", ["/pipeline/", "/pipeline/list/", "/pipeline/calendar/"])
@pytest.mark.parametrize(
    "wrong",
    [
        "kind=lottery",
        "type=rich",
        "state=half",
        "channel=9x",
        "channel=99999",
        "campaign=0",
        "lost_reason=none",
        "gap=2",
        "created_from=yesterday",
        "expected_to=2026-13-01",
        "next_from=1",
        "manager=nobody",
    ],
)
def test_a_wrong_filter_is_refused(browse: Browse, head: Employee, page: str, wrong: str) -> None:
    assert browse(head).get(f"{page}?{wrong}").status_code == 400


@pytest.mark.parametrize("wrong", ["?lanes=x", "calendar/?by=x", "calendar/?month=2026-13"])
def test_a_wrong_view_is_not_there(browse: Browse, head: Employee, wrong: str) -> None:
    assert browse(head).get(f"/pipeline/{wrong}").status_code == 404


def test_a_channel_of_another_branch_is_no_choice(
    browse: Browse, head: Employee, manager: Employee, other_branch: Branch
) -> None:
    far = Channel.objects.create(name="远", kind="bank", branch=other_branch)
    assert browse(head).get(f"/pipeline/?channel={far.pk}").status_code == 400
    shown = browse(head).get("/pipeline/?filters=1").content.decode()
    assert "远" not in shown


@pytest.mark.parametrize(
    ("sort", "order"),
    [("amount", [1, 2, 0]), ("-amount", [0, 2, 1]), ("next", [2, 0, 1]), ("x", [2, 1, 0])],
)
def test_the_list_sorts(browse: Browse, manager: Employee, sort: str, order: list[int]) -> None:
    """An empty value counts as the largest."""
    rows = [
        make(manager, amount=None, next_step_on=date(2026, 1, 2)),
        make(manager, amount=1, next_step_on=None),
        make(manager, amount=2, next_step_on=date(2026, 1, 1)),
    ]
    answer = browse(manager).get("/pipeline/list/", {"sort": sort})
    assert [row.id for row in answer.context["page"].items] == [rows[n].pk for n in order]


@pytest.mark.parametrize("sort", ["client", "-stage", "-amount", "expected", "next", "-since"])
def test_each_sorting_goes_through_all_pages(browse: Browse, manager: Employee, sort: str) -> None:
    for n in range(30):
        day = today() + timedelta(days=n % 4) if n % 5 else None
        make(manager, amount=n % 3 or None, expected_on=day, next_step_on=day)
    browser = browse(manager)
    first = browser.get("/pipeline/list/", {"sort": sort})
    rest = browser.get("/pipeline/list/" + first.context["page"].next_query)
    assert len(keys(first) | keys(rest)) == 30
