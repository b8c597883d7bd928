"""The board of figures: each number equals the rows of the list that it opens."""

import html
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client, Segment
from crm.models import Heartbeat
from crm.trading_days import today
from pipeline.models import LostReason, Stage, StageMove
from staff.models import Branch, Employee
from tests.cast import Browse
from tests.factories import (
    CallbackFactory,
    ClientFactory,
    EmployeeFactory,
    OpportunityFactory,
    VisitFactory,
)
from visits.models import Visit

pytestmark = pytest.mark.django_db
VIEWERS = ["manager", "head", "regional_head", "compliance", "administrator"]


def book(manager: Employee, size: int) -> None:
    """Clients, prospects, callbacks of every state, visits and opportunities of one manager."""
    day = today()
    segment = Segment.objects.get(key="small_conservative")
    stages = {stage.key: stage for stage in Stage.objects.all()}
    for number in range(size):
        client = ClientFactory(manager=manager, segment=segment if number % 2 else None or segment)
        other = ClientFactory(manager=manager)
        CallbackFactory(client=client, due_on=day - timedelta(days=3 + number))
        CallbackFactory(client=other, due_on=day)
        CallbackFactory(client=other, due_on=day + timedelta(days=1), over_capacity=number == 0)
        monday = day - timedelta(days=day.weekday())
        for done_on in (monday, monday - timedelta(days=1)):
            CallbackFactory(
                client=client,
                status="done",
                done_on=done_on,
                done_at=timezone.now(),
                due_on=done_on,
            )
        for weeks in (0, 2, 30):
            at = timezone.now() - timedelta(weeks=weeks)
            VisitFactory(client=client, occurred_at=at, satisfaction_service=4)
        void = VisitFactory(client=client)
        type(void).objects.filter(pk=void.pk).update(
            void=True, void_reason="wrong client", voided_at=timezone.now()
        )
        for key in ("interested", "lost"):
            prospect = ClientFactory(manager=manager, prospect=True)
            ended = {"lost_reason": LostReason.objects.first(), "closed_on": day}
            row = OpportunityFactory(
                client=prospect, stage=stages[key], **(ended if key == "lost" else {})
            )
            for passed in ("new", "contacted", key):
                StageMove.objects.create(opportunity=row, to_stage=stages[passed], moved_on=day)


@pytest.fixture
def firm(
    manager: Employee, colleague: Employee, stranger: Employee, head: Employee, zhang: Client
) -> None:
    for size, person in enumerate((colleague, stranger, manager), 1):
        book(person, size)
    lonely = ClientFactory(manager=None, branch=head.branch)
    CallbackFactory(client=lonely, employee=None, due_on=today() - timedelta(days=1))


def rows_of(browser: Browser, url: str) -> int:
    """Rows of a list, all its pages together."""
    found = 0
    for _page in range(20):
        answer = browser.get(url)
        assert answer.status_code == 200, url
        page = answer.context["page"]
        found += len(page.items)
        if not page.next_query:
            return found
        url = url.partition("?")[0] + page.next_query
    pytest.fail(f"no end of pages: {url}")


@dataclass(frozen=True)
class Shown:
    value: int
    url: str


def figures(answer: Any) -> list[Shown]:
    """Every number of the page that is a link, read from its HTML."""
    text = answer.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    found = re.findall(r'href="([^"]+)"[^>]*>(?:<b>)?(\d+)(?:</b>|</a>)', text)
    return [Shown(int(value), html.unescape(url)) for url, value in found]


@pytest.mark.parametrize("viewer", VIEWERS)
def test_every_figure_equals_its_list(
    firm: None, browse: Browse, viewer: str, request: pytest.FixtureRequest
) -> None:
    browser = browse(request.getfixturevalue(viewer))
    shown = figures(browser.get("/board/"))
    assert len(shown) > 25
    assert sum(figure.value for figure in shown) > 30
    wrong = [
        (figure.url, figure.value, rows)
        for figure in shown
        if (rows := rows_of(browser, figure.url)) != figure.value
    ]
    assert wrong == []


@pytest.mark.parametrize("narrowed", ["manager", "branch"])
def test_a_narrowed_board_equals_its_lists(
    firm: None, browse: Browse, regional_head: Employee, stranger: Employee, narrowed: str
) -> None:
    browser = browse(regional_head)
    key = stranger.pk if narrowed == "manager" else stranger.branch_id
    answer = browser.get("/board/", {narrowed: str(key)})
    assert answer.context["board"].total.clients == 4
    shown = figures(answer)
    assert all(f"{narrowed}={key}" in figure.url for figure in shown)
    assert [f for f in shown if rows_of(browser, f.url) != f.value] == []


def test_its_figures_are_right(firm: None, browse: Browse, manager: Employee) -> None:
    """Counted by hand, so that board and lists are not wrong together."""
    board = browse(manager).get("/board/").context["board"]
    total = board.total
    assert (total.clients, total.prospects) == (7, 6)
    assert (total.overdue, total.due, total.done, total.crowded) == (3, 3, 3, 1)
    # Fewer than an average is made of.
    assert board.satisfaction == (None, None)
    assert board.answers == 6
    assert [week.visits.value for week in board.weeks][-3:] == [3, 0, 3]
    reached = {step.stage.key: step.reached.value for step in board.funnel}
    assert reached == {
        "new": 6,
        "contacted": 6,
        "interested": 3,
        "assessed": 0,
        "opening": 0,
        "opened": 0,
    }
    # The share stands at the stage that was left; the last one leads nowhere.
    shares = [step.on and (step.on.led, step.on.reached) for step in board.funnel]
    assert shares == [(6, 6), (3, 6), (0, 3), (0, 0), (0, 0), None]
    assert board.lost.reached.value == 3


def test_the_satisfaction_opens_the_contacts_that_were_rated(
    firm: None, browse: Browse, manager: Employee, zhang: Client
) -> None:
    VisitFactory(client=zhang)  # nobody was asked
    browser = browse(manager)
    board = browser.get("/board/").context["board"]
    assert board.answers == 6
    assert rows_of(browser, board.links["satisfaction"]) == board.answers


def test_a_head_sees_each_manager_and_what_nobody_does(
    firm: None, browse: Browse, head: Employee
) -> None:
    board = browse(head).get("/board/").context["board"]
    assert [line.name for line in board.managers] == ["王芳", "李强"]
    assert (board.total.unassigned, board.total.crowded) == (1, 2)
    assert board.branches == []


def test_a_regional_head_sees_each_branch(
    firm: None, browse: Browse, regional_head: Employee, branch: Branch
) -> None:
    board = browse(regional_head).get("/board/").context["board"]
    assert {line.name for line in board.branches} == {"浦东营业部", "闵行营业部"}
    assert f"/board/?branch={branch.pk}" in {line.url for line in board.branches}


def test_a_stranger_counts_nothing_of_others(
    firm: None, browse: Browse, stranger: Employee, manager: Employee
) -> None:
    browser = browse(stranger)
    assert browser.get("/board/").context["board"].total.clients == 4
    assert browser.get("/board/", {"manager": manager.pk}).status_code == 404


def test_operations_see_no_figures(browse: Browse, operations: Employee) -> None:
    assert browse(operations).get("/board/").status_code == 403


def test_it_is_only_read(browse: Browse, head: Employee) -> None:
    assert browse(head).post("/board/").status_code == 405


def test_an_empty_firm_has_a_board(browse: Browse, head: Employee) -> None:
    board = browse(head).get("/board/").context["board"]
    assert (board.total.clients, board.satisfaction, board.managers) == (0, (None, None), [])


@pytest.mark.parametrize(("seconds", "alive"), [(30, True), (600, False)])
def test_heads_see_whether_the_machinery_lives(
    browse: Browse, head: Employee, manager: Employee, seconds: int, alive: bool
) -> None:
    seen_at = timezone.now() - timedelta(seconds=seconds)
    Heartbeat.objects.create(name="beat", beat_at=seen_at)
    parts = {part.name: part for part in browse(head).get("/board/").context["parts"]}
    assert len(parts) == 4
    assert [part.alive for part in parts.values()].count(True) == alive
    assert browse(manager).get("/board/").context["parts"] == []


@pytest.mark.parametrize("viewer", VIEWERS)
def test_its_statements_stay_the_same(
    browse: Browse, branch: Branch, viewer: str, request: pytest.FixtureRequest
) -> None:
    browser = browse(request.getfixturevalue(viewer))

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get("/board/").status_code == 200
        return len(seen)

    book(EmployeeFactory(branch=branch), 1)
    few = count()
    for _more in range(4):
        book(EmployeeFactory(branch=branch), 2)
    assert count() == few
    assert few <= 19


def test_contacts_and_clients_are_counted_from_indexes_alone(
    firm: None, browse: Browse, administrator: Employee
) -> None:
    """At a large firm the rows are too many to read; who adds a column to these two widens them."""
    browser = browse(administrator)
    with CaptureQueriesContext(connection) as seen:
        browser.get("/board/")
    for model, name, mark in (
        (Visit, "visit_by_day", 'COUNT("visits_visit"'),
        (Client, "client_counting", 'AS "everyone"'),
    ):
        (sql,) = [query["sql"] for query in seen if mark in query["sql"]]
        index = next(index for index in model._meta.indexes if index.name == name)
        fields = {*index.fields, *index.include} | ({"merged_into"} if index.condition else set())
        meta: Any = model._meta
        held = {meta.get_field(field).column for field in fields}
        assert set(re.findall(rf'"{model._meta.db_table}"\."(\w+)"', sql)) <= held


def test_the_table_and_what_it_leaves_out_add_up_to_the_whole(
    firm: None, browse: Browse, head: Employee, stranger: Employee, manager: Employee
) -> None:
    """A callback made by a substitute of another branch is work of this branch all the same."""
    helped = ClientFactory(manager=manager)
    CallbackFactory(
        client=helped, employee=stranger, status="done", done_on=today(), done_at=timezone.now()
    )
    board = browse(head).get("/board/").context["board"]
    # One overdue callback of a client without a manager, and one call by a stranger.
    rest = board.managers_rest
    assert (rest.clients, rest.due, rest.overdue, rest.done) == (1, 0, 1, 1)
    for name in ("clients", "due", "overdue", "done"):
        lines = sum(getattr(line, name).value for line in board.managers)
        assert lines + getattr(rest, name) == getattr(board.total, name), name


def test_a_board_that_is_whole_has_no_line_of_the_rest(browse: Browse, head: Employee) -> None:
    answer = browse(head).get("/board/")
    assert not answer.context["board"].managers_rest.is_shown
