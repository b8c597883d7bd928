"""The board by stage, the list behind its figures, and the filters of both."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from crm.trading_days import today
from pipeline.models import LostReason, Opportunity, Stage, StageMove
from staff.models import Branch, Employee
from tests.cast import Browse
from tests.factories import ClientFactory, EmployeeFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


def at(key: str, client: Client, **more: Any) -> Opportunity:
    return OpportunityFactory(client=client, stage=Stage.objects.get(key=key), **more)


def prospects(manager: Employee, count: int) -> list[Client]:
    return ClientFactory.create_batch(count, manager=manager, prospect=True)


def names(answer: Any) -> set[str]:
    return set(re.findall(r"客户\d+|周婷", answer.content.decode()))


def test_it_shows_own_opportunities_alone(
    browse: Browse, manager: Employee, colleague: Employee, zhou: Client
) -> None:
    at("interested", zhou, amount=1_200_000, next_step="约面谈", next_step_on=today())
    [other] = prospects(colleague, 1)
    at("new", other)
    answer = browse(manager).get("/pipeline/")
    assert names(answer) == {"周婷"}
    text = answer.content.decode()
    assert "¥120 万" in text
    assert "约面谈" in text


def test_it_marks_an_overdue_step(browse: Browse, manager: Employee, zhou: Client) -> None:
    row = at("new", zhou, next_step="Call", next_step_on=today() - timedelta(days=1))
    assert "crm-pill-late" in browse(manager).get("/pipeline/").content.decode()
    Opportunity.objects.filter(pk=row.pk).update(next_step_on=today())
    assert "crm-pill-late" not in browse(manager).get("/pipeline/").content.decode()


def test_closed_ones_leave_after_a_month(browse: Browse, manager: Employee) -> None:
    fresh, old = prospects(manager, 2)
    reason = LostReason.objects.first()
    for client, days in ((fresh, 30), (old, 31)):
        day = today() - timedelta(days=days)
        at("lost", client, closed_on=day, stage_since=day, lost_reason=reason)
    assert names(browse(manager).get("/pipeline/")) == {fresh.name}


def test_a_long_column_goes_on_in_pages(browse: Browse, manager: Employee) -> None:
    for n, client in enumerate(prospects(manager, 60)):
        step = today() + timedelta(days=n % 7) if n % 3 else None
        at("new", client, next_step="x", next_step_on=step)
    browser = browse(manager)
    first = column(browser.get("/pipeline/"), "new")
    assert (first.figures.count, first.more) == (60, 35)
    seen = [card.name for card in first.cards]
    url = first.more_url
    while url:
        page = browser.get(url, headers={"HX-Request": "true"})
        seen += in_order(page.content.decode())
        url = page.context["more_url"]
    assert len(seen) == len(set(seen)) == 60
    listed = browser.get(first.list_url)
    assert listed.context["figures"].count == 60
    assert len(names(browser.get(first.list_url + "&" + next_of(listed)))) == 25


def test_a_column_without_a_stage_is_not_there(browse: Browse, manager: Employee) -> None:
    assert browse(manager).get("/pipeline/column/").status_code == 400
    assert browse(manager).post("/pipeline/column/?stage=new").status_code == 405


def column(answer: Any, key: str, lane: int = 0) -> Any:
    [found] = [c for c in answer.context["board"].lanes[lane].columns if c.stage.key == key]
    return found


def in_order(text: str) -> list[str]:
    return re.findall(r"(客户\d+|周婷)</a>", text)


def next_of(answer: Any) -> str:
    return str(answer.context["page"].next_query).lstrip("?")


def test_the_most_urgent_card_is_first(browse: Browse, manager: Employee) -> None:
    none, later, soon = prospects(manager, 3)
    at("new", none)
    at("new", later, next_step="x", next_step_on=today() + timedelta(days=5))
    at("new", soon, next_step="x", next_step_on=today() - timedelta(days=5))
    cards = [card.name for card in column(browse(manager).get("/pipeline/"), "new").cards]
    assert cards == [soon.name, later.name, none.name]


def test_a_head_filters_by_manager(
    browse: Browse, head: Employee, manager: Employee, colleague: Employee, zhou: Client
) -> None:
    at("new", zhou)
    [other] = prospects(colleague, 1)
    at("contacted", other)
    browser = browse(head)
    assert names(browser.get("/pipeline/")) == {"周婷", other.name}
    for page in ("/pipeline/", "/pipeline/list/"):
        assert names(browser.get(page, {"manager": colleague.pk})) == {other.name}


def test_a_regional_head_filters_by_branch(
    browse: Browse, regional_head: Employee, stranger: Employee, zhou: Client, branch: Branch
) -> None:
    at("new", zhou)
    [other] = prospects(stranger, 1)
    at("new", other)
    browser = browse(regional_head)
    assert names(browser.get("/pipeline/")) == {"周婷", other.name}
    assert names(browser.get("/pipeline/", {"branch": branch.pk})) == {"周婷"}


@pytest.mark.parametrize("page", ["/pipeline/", "/pipeline/list/", "/board/"])
@pytest.mark.parametrize(
    ("wrong", "status"),
    [("manager=x", 400), ("manager=99999", 404), ("branch=-1", 400), ("branch=9" * 30, 400)],
)
def test_a_filter_outside_the_scope_is_not_there(
    browse: Browse, head: Employee, page: str, wrong: str, status: int
) -> None:
    assert browse(head).get(f"{page}?{wrong}").status_code == status


def test_a_stranger_is_no_choice(browse: Browse, head: Employee, stranger: Employee) -> None:
    assert browse(head).get("/pipeline/", {"manager": stranger.pk}).status_code == 404


@pytest.mark.parametrize("wrong", ["stage=x", "reached=x", "from=yesterday", "to=2026-13-01"])
def test_a_wrong_filter_of_the_list(browse: Browse, manager: Employee, wrong: str) -> None:
    assert browse(manager).get(f"/pipeline/list/?{wrong}").status_code == 400


def test_the_list_finds_who_reached_a_stage(browse: Browse, manager: Employee) -> None:
    """Also those that went further; a loss does not count as going further."""
    far, lost, before = prospects(manager, 3)
    stages = {stage.key: stage for stage in Stage.objects.all()}
    for client, key, days in ((far, "opening", 3), (lost, "lost", 3), (before, "interested", 40)):
        reason = LostReason.objects.first() if key == "lost" else None
        row = at(key, client, lost_reason=reason, closed_on=today() if reason else None)
        moved = today() - timedelta(days=days)
        StageMove.objects.create(opportunity=row, to_stage=stages[key], moved_on=moved)
    since = today() - timedelta(days=10)
    ask = {"reached": "interested", "from": since.isoformat(), "to": today().isoformat()}
    assert names(browse(manager).get("/pipeline/list/", ask)) == {far.name}
    assert names(browse(manager).get("/pipeline/list/", ask | {"reached": "lost"})) == {lost.name}


def test_compliance_reads_and_moves_nothing(
    browse: Browse, compliance: Employee, zhou: Client
) -> None:
    at("new", zhou)
    text = browse(compliance).get("/pipeline/").content.decode()
    assert "周婷" in text
    assert "/move/" not in text
    assert "data-card" not in text


def test_operations_see_nothing(browse: Browse, operations: Employee, zhou: Client) -> None:
    at("new", zhou)
    assert names(browse(operations).get("/pipeline/")) == set()


@pytest.mark.parametrize("page", ["/pipeline/", "/pipeline/list/", "/pipeline/calendar/"])
def test_its_statements_stay_the_same(
    browse: Browse, regional_head: Employee, branch: Branch, page: str
) -> None:
    browser = browse(regional_head)

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(page).status_code == 200
        return len(seen)

    reason = LostReason.objects.first()

    def fill(people: int) -> None:
        for _person in range(people):
            manager = EmployeeFactory(branch=branch)
            new, gone = prospects(manager, 2)
            at("interested", new, next_step="x", next_step_on=today())
            at("lost", gone, closed_on=today(), lost_reason=reason)

    fill(1)
    few = count()
    fill(12)
    assert count() == few <= 14


def test_a_stage_out_of_use_stays_while_something_is_in_it(
    browse: Browse, manager: Employee, zhou: Client
) -> None:
    at("new", zhou)
    Stage.objects.filter(key__in=["new", "contacted"]).update(is_active=False)
    shown = [s.key for s in browse(manager).get("/pipeline/").context["board"].stages]
    assert shown == ["new", "interested", "assessed", "opening", "opened", "lost"]


def test_a_name_is_text_and_nothing_else(browse: Browse, manager: Employee) -> None:
    client = ClientFactory(manager=manager, prospect=True, name="<script>alert(1)</script>")
    at("new", client, next_step="<b>x</b>", next_step_on=today())
    text = browse(manager).get("/pipeline/").content.decode()
    assert "<script>alert" not in text
    assert "<b>x</b>" not in text


def test_its_facts_are_those_of_their_lists(browse: Browse, manager: Employee) -> None:
    late, gap, fine, won, lost = prospects(manager, 5)
    at("new", late, amount=100_000, next_step="x", next_step_on=today() - timedelta(days=1))
    at("interested", gap, amount=200_000)
    at("interested", fine, next_step="x", next_step_on=today())
    at("opened", won, amount=50_000, closed_on=today())
    at("lost", lost, closed_on=today(), lost_reason=LostReason.objects.first())
    browser = browse(manager)
    facts = browser.get("/pipeline/").context["board"].facts
    assert (facts.open.count, facts.open.total) == (3, 300_000)
    assert (facts.late, facts.gaps, facts.won.count, facts.lost) == (1, 1, 1, 1)
    counts = {"open": 3, "late": 1, "gaps": 1, "won": 1, "lost": 1}
    for name, count in counts.items():
        assert browser.get(facts.urls[name]).context["figures"].count == count, name


def test_a_phone_shows_one_stage_at_a_time(browse: Browse, manager: Employee) -> None:
    first, second = prospects(manager, 2)
    at("contacted", first)
    at("interested", second)
    browser = browse(manager)
    board = browser.get("/pipeline/").context["board"]
    assert board.here == "contacted"
    chosen = next(tab for tab in board.tabs if tab.key == "interested")
    assert (chosen.count, chosen.url.endswith("at=interested")) == (1, True)
    text = browser.get(chosen.url).content.decode()
    assert re.findall(r'is-here"\s+aria-labelledby="stage-[^"]*-(\w+)"', text) == ["interested"]
    assert browser.get("/pipeline/?at=nothing").context["board"].here == "contacted"
