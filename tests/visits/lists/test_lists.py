"""Lists of callbacks and of contacts: scope, filters, pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client
from crm.trading_days import today
from staff.models import Branch, Employee
from tests.cast import Browse
from tests.factories import CallbackFactory, ClientFactory, VisitFactory
from visits.lists import grouping
from visits.models import Callback, Outcome

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def found(answer: Any) -> list[int]:
    return sorted(row.pk for row in answer.context["page"].items)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("", [0, 1, 2, 3]),
        ("overdue", [0]),
        ("due_today", [1]),
        ("to_do", [0, 1]),
        ("upcoming", [2, 3]),
        ("done", [4]),
        ("over_capacity", [2]),
        ("unassigned", [3]),
    ],
)
def test_each_status_lists_what_it_says(
    status: str, expected: list[int], zhang: Client, head: Employee, browse: Browse
) -> None:
    day = today()
    rows = [
        CallbackFactory(client=zhang, due_on=day - timedelta(days=3)),
        CallbackFactory(client=zhang),
        CallbackFactory(client=zhang, due_on=day + timedelta(days=2), over_capacity=True),
        CallbackFactory(client=zhang, due_on=day + timedelta(days=2), employee=None),
        CallbackFactory(client=zhang, status="done", done_at=timezone.now(), done_on=day),
    ]
    answer = browse(head).get(f"/callbacks/?status={status}")
    assert found(answer) == sorted(rows[n].pk for n in expected)


@pytest.mark.parametrize("reader", ["manager", "head", "regional_head", "operations"])
def test_the_tabs_count_what_their_lists_show(
    reader: str,
    zhang: Client,
    stranger: Employee,
    browse: Browse,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """Of one person or branch in one pass, of more only up to the limit."""
    monkeypatch.setattr(grouping, "MOST_COUNTED", 3)
    day = today()
    for client in (zhang, ClientFactory(manager=stranger)):
        CallbackFactory(client=client, due_on=day - timedelta(days=3))
        CallbackFactory(client=client, due_on=day - timedelta(days=2), confidential=True)
        CallbackFactory.create_batch(2, client=client)
        CallbackFactory(client=client, due_on=day + timedelta(days=2))
        CallbackFactory(client=client, status="done", done_at=timezone.now(), done_on=day)
    browser = browse(request.getfixturevalue(reader))
    tabs = browser.get("/callbacks/").context["tabs"]
    counts = {key: count for key, _label, _url, count in tabs}
    assert counts.pop("done") == ""
    for key, count in counts.items():
        listed = len(found(browser.get(f"/callbacks/?status={key}")))
        assert count == (str(listed) if listed <= 3 else "3+"), key


@pytest.mark.parametrize("few", [True, False])
def test_no_more_are_counted_than_the_limit(
    few: bool, zhang: Client, head: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "MOST_COUNTED", 3)
    CallbackFactory.create_batch(6, client=zhang)
    rows = Callback.objects.visible_to(head)
    assert grouping.counted(rows, few=few) == (0, 4, 0)


def test_another_tab_leaves_dates_behind_that_its_filters_do_not_show(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    """From "done today" every other tab counted nothing, and led to an empty list."""
    day = today()
    late = CallbackFactory(client=zhang, due_on=day - timedelta(days=3))
    done = CallbackFactory(
        client=zhang,
        status="done",
        done_at=timezone.now(),
        done_on=day,
        due_on=day - timedelta(days=9),
    )
    browser = browse(manager)
    shown = browser.get(f"/callbacks/?status=done&done_from={day}&done_to={day}")
    assert found(shown) == [done.pk]
    tabs = {key: (url, count) for key, _label, url, count in shown.context["tabs"]}
    assert tabs["overdue"][1] == "1"
    assert found(browser.get(f"/callbacks/{tabs['overdue'][0]}")) == [late.pk]
    ahead = browser.get(f"/callbacks/?status=upcoming&due_from={day}&due_to={day}&kind=manual")
    back = {key: url for key, _label, url, _count in ahead.context["tabs"]}
    assert found(browser.get(f"/callbacks/{back['done']}")) == [done.pk]
    assert "kind=manual" in back["done"]


def test_filters_of_the_board_narrow_the_list(
    zhang: Client,
    manager: Employee,
    colleague: Employee,
    stranger: Employee,
    branch: Branch,
    other_branch: Branch,
    regional_head: Employee,
    browse: Browse,
) -> None:
    own = CallbackFactory(client=zhang)
    beside = CallbackFactory(client=ClientFactory(manager=colleague))
    away = CallbackFactory(client=ClientFactory(manager=stranger))
    browser = browse(regional_head)

    def asked(query: str) -> list[int]:
        return found(browser.get(f"/callbacks/?{query}"))

    everything = sorted([own.pk, beside.pk, away.pk])
    assert asked("") == everything
    assert asked(f"manager={manager.pk}") == [own.pk]
    assert asked(f"branch={branch.pk}") == sorted([own.pk, beside.pk])
    assert asked(f"branch={branch.pk}&manager={colleague.pk}") == [beside.pk]
    assert asked(f"branch={other_branch.pk}") == [away.pk]
    assert asked(f"branch={regional_head.branch_id}") == everything
    assert asked(f"segment={zhang.segment_id}") == [own.pk]
    assert asked("kind=cadence") == []
    assert asked(f"due_from={today()}&due_to={today()}") == everything


def test_everyone_sees_their_scope_only(
    zhang: Client,
    manager: Employee,
    colleague: Employee,
    stranger: Employee,
    head: Employee,
    operations: Employee,
    browse: Browse,
) -> None:
    own = CallbackFactory(client=zhang)
    VisitFactory(client=zhang)
    for person in (manager, head):
        assert found(browse(person).get("/callbacks/")) == [own.pk]
        assert len(found(browse(person).get("/visits/"))) == 1
    for person in (colleague, stranger, operations):
        assert found(browse(person).get("/callbacks/")) == []
        assert found(browse(person).get("/visits/")) == []


@pytest.mark.parametrize(
    "query",
    ["status=x", "manager=x", "segment=99999999999999999999", "due_from=x", "kind=x", "branch=0"],
)
def test_a_malformed_filter_is_said_and_lists_nothing(
    query: str, zhang: Client, manager: Employee, browse: Browse
) -> None:
    CallbackFactory(client=zhang)
    answer = browse(manager).get(f"/callbacks/?{query}")
    assert answer.status_code == 400
    assert found(answer) == []


def test_a_manager_of_another_branch_is_no_choice(
    head: Employee, stranger: Employee, browse: Browse
) -> None:
    page = browse(head).get("/callbacks/").content.decode()
    assert stranger.full_name not in page


def test_heads_find_what_is_long_overdue(manager: Employee, head: Employee, browse: Browse) -> None:
    link = 'href="/callbacks/escalated/"'
    assert link in browse(head).get("/callbacks/").content.decode()
    assert link not in browse(manager).get("/callbacks/").content.decode()


def test_pages_keep_their_filters(zhang: Client, manager: Employee, browse: Browse) -> None:
    rows = CallbackFactory.create_batch(30, client=zhang)
    browser = browse(manager)
    first = browser.get("/callbacks/?status=due_today").context["page"]
    assert len(first.items) == 25
    assert "status=due_today" in first.next_query
    second = browser.get(f"/callbacks/{first.next_query}").context["page"]
    assert {row.pk for row in (*first.items, *second.items)} == {row.pk for row in rows}


def test_contacts_are_filtered_by_outcome_date_and_person(
    zhang: Client, manager: Employee, head: Employee, browse: Browse
) -> None:
    talked = VisitFactory(client=zhang)
    missed = VisitFactory(client=zhang, outcome=Outcome.objects.get(key="no_answer"))
    by_head = VisitFactory(client=zhang, employee=head)
    browser = browse(head)

    def asked(query: str) -> list[int]:
        return found(browser.get(f"/visits/?{query}"))

    assert asked("reached=0") == [missed.pk]
    assert asked(f"outcome={missed.outcome_id}") == [missed.pk]
    assert asked(f"manager={head.pk}") == [by_head.pk]
    assert asked(f"manager={manager.pk}&reached=1") == [talked.pk]
    assert asked(f"date_to={today() - timedelta(days=1)}") == []
    assert len(asked(f"date_from={today()}&date_to={today()}")) == 3


@pytest.mark.parametrize("path", ["/callbacks/", "/visits/"])
def test_the_number_of_queries_does_not_grow(
    path: str, zhang: Client, head: Employee, manager: Employee, browse: Browse
) -> None:
    browser = browse(head)

    def ask() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(path).status_code == 200
        return len(queries)

    CallbackFactory(client=zhang)
    VisitFactory(client=zhang)
    ask()
    few = ask()
    for _ in range(15):
        client = ClientFactory(manager=manager)
        CallbackFactory(client=client)
        VisitFactory(client=client)
    assert ask() == few
    assert few <= MOST_QUERIES + 3  # and the statements of the transaction


@pytest.mark.parametrize("path", ["/callbacks/", "/visits/", "/today/"])
def test_lists_only_read(path: str, manager: Employee, browse: Browse) -> None:
    assert browse(manager).post(path).status_code == 405
