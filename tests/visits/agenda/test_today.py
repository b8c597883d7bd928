"""Today: one's own overdue and due callbacks by segment, and nobody else's."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client, DerivedProfile, Phone, Segment
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory, ClientFactory, VisitFactory
from visits.agenda import today as agenda_today
from visits.contacts.services import log_visit
from visits.models import Callback, Outcome

pytestmark = pytest.mark.django_db
MOST_QUERIES = 16


def names(answer: Any) -> list[list[str]]:
    return [[row["name"] for row in group.rows] for group in answer.context["work"].groups]


def test_it_groups_by_segment_in_the_order_of_tiers(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    private = Segment.objects.get(key="private")
    rich = ClientFactory(name="陈雅琴", manager=manager, segment=private)
    for client in (zhang, zhou, rich):
        CallbackFactory(client=client)
    answer = browse(manager).get("/today/?by=segment")
    assert [group.segment.key for group in answer.context["work"].groups] == [
        "private",
        "prospect",
        "small_conservative",
    ]
    page = answer.content.decode()
    script = answer.context["work"].groups[0].script_url
    assert f'href="{script}"' in page


def test_it_counts_overdue_due_done_and_upcoming(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    day = today()
    CallbackFactory(client=zhang, due_on=day - timedelta(days=8))
    CallbackFactory.create_batch(2, client=zhang)
    CallbackFactory(client=zhang, due_on=day + timedelta(days=3))
    CallbackFactory(client=zhang, due_on=day + timedelta(days=30))
    work = browse(manager).get("/today/").context["work"]
    assert (work.overdue, work.due, work.upcoming, work.done) == (1, 2, 1, 0)


def test_its_figures_agree_with_the_lists_they_open(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    day = today()
    CallbackFactory.create_batch(3, client=zhang, due_on=day - timedelta(days=8))
    CallbackFactory(client=zhang)
    browser = browse(manager)
    answer = browser.get("/today/")
    for status, count in (("overdue", 3), ("due_today", 1), ("to_do", 4)):
        listed = browser.get(f"{answer.context['mine']}{status}")
        assert len(listed.context["page"].items) == count


@pytest.mark.parametrize("read", [150, 1])
def test_it_counts_a_contact_once_that_closes_merged_reasons(
    zhang: Client,
    manager: Employee,
    head: Employee,
    browse: Browse,
    monkeypatch: pytest.MonkeyPatch,
    read: int,
) -> None:
    monkeypatch.setattr(agenda_today, "READ", read)
    lead = CallbackFactory(client=zhang)
    joined = [
        CallbackFactory(client=zhang, kind=kind, status="merged", merged_into=lead)
        for kind in ("cadence", "birthday")
    ]
    log_visit(
        client=zhang,
        employee=manager,
        callback=lead,
        outcome=Outcome.objects.get(key="talked"),
        token=uuid4(),
    )
    assert {row.status for row in Callback.objects.filter(pk__in=[row.pk for row in joined])} == {
        "done"
    }
    # Another contact of the day is another one.
    earlier = timezone.now() - timedelta(hours=1)
    CallbackFactory(client=zhang, status="done", done_on=today(), done_at=earlier)
    browser = browse(manager)
    answer = browser.get("/today/")
    assert answer.context["work"].done == 2
    if read > 1:
        assert len(answer.context["work"].done_rows) == 2
    day = today().isoformat()
    listed = browser.get(f"{answer.context['mine']}done&done_from={day}&done_to={day}")
    assert len(listed.context["page"].items) == 2
    assert browse(head).get("/board/").context["board"].total.done == 2


def test_a_colleague_and_the_head_see_their_own_only(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    CallbackFactory(client=zhang)
    assert names(browse(manager).get("/today/")) == [[zhang.salutation]]
    assert names(browse(colleague).get("/today/")) == []
    answer = browse(head).get("/today/")
    assert names(answer) == []
    assert 'href="/board/"' in answer.content.decode()


def test_it_says_why_and_what_was_said_last(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    VisitFactory(client=zhang, notes="认同长期持有", satisfaction_service=4)
    CallbackFactory(client=zhang, reason="问新股", attempts=2, over_capacity=True)
    row = browse(manager).get("/today/").context["work"].groups[0].rows[0]
    assert row["why"] == "问新股"
    assert "认同长期持有" in row["last"]
    assert row["stars"] == "★★★★☆"
    assert row["attempts"]
    assert len(row["marks"]) == 1


def test_what_is_late_comes_first_then_today_then_what_lies_ahead(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    day = today()
    DerivedProfile.objects.create(
        client=zhang, as_of=day, assets=Decimal(15_086_300), idle_months=0
    )
    CallbackFactory(client=zhang, due_on=day)
    CallbackFactory(client=zhou, due_on=day - timedelta(days=8), reason="早该联系")
    CallbackFactory(client=zhou, due_on=day + timedelta(days=3), occurrence="ahead")
    browser = browse(manager)
    answer = browser.get("/today/")
    work = answer.context["work"]
    assert [(group.title, group.count) for group in work.groups] == [
        ("逾期", 1),
        ("今日到期", 1),
        ("可提前", 1),
    ]
    (late,), (now,), (ahead,) = [group.rows for group in work.groups]
    assert (late["why"], late["tone"]) == ("早该联系", "late")
    assert (now["assets"], now["state"]) == ("¥1,508.63 万", "")
    assert str(zhang.segment) in now["small"]
    # Nothing is said of assets that nobody knows.
    assert late["assets"] == ahead["assets"] == ""
    for group in work.groups:
        listed = browser.get(f"{answer.context['mine']}{group.query}").context["page"]
        assert len(listed.items) == group.count


def test_lateness_counts_trading_days(
    zhang: Client, manager: Employee, browse: Browse, time_machine_on: Any
) -> None:
    # Friday the 5th to Wednesday the 10th of June 2026: three trading days.
    with time_machine_on("2026-06-10T10:00:00+08:00"):
        CallbackFactory(client=zhang, due_on=today() - timedelta(days=5))
        row = browse(manager).get("/today/").context["work"].groups[0].rows[0]
    assert "3" in row["state"]


@pytest.fixture
def time_machine_on() -> Any:
    import time_machine

    return lambda moment: time_machine.travel(moment, tick=False)


def test_the_phone_is_masked(zhang: Client, manager: Employee, browse: Browse) -> None:
    phone = Phone(client=zhang, valid_from=today())
    phone.set_number("+8613812341234")
    phone.save()
    CallbackFactory(client=zhang)
    page = browse(manager).get("/today/").content.decode()
    assert "138****1234" in page
    assert "13812341234" not in page


def test_a_long_backlog_is_cut_with_a_link_to_the_rest(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    CallbackFactory.create_batch(50, client=zhang)
    answer = browse(manager).get("/today/?by=segment")
    group = answer.context["work"].groups[0]
    assert group.count == 50
    assert len(group.rows) + group.more == 50
    assert len(group.rows) <= 40
    assert f"to_do&amp;segment={group.segment.pk}" in answer.content.decode()


def test_in_overload_the_database_counts_the_same(
    zhang: Client,
    zhou: Client,
    manager: Employee,
    browse: Browse,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    day = today()
    CallbackFactory.create_batch(3, client=zhang, due_on=day - timedelta(days=8))
    CallbackFactory.create_batch(2, client=zhou)
    CallbackFactory(client=zhou, due_on=day + timedelta(days=3))
    CallbackFactory(client=zhang, status="done", done_on=day, done_at=timezone.now())
    browser = browse(manager)
    read = browser.get("/today/?by=segment").context["work"]
    monkeypatch.setattr(agenda_today, "READ", 4)
    counted = browser.get("/today/?by=segment").context["work"]
    for work in (read, counted):
        assert (work.overdue, work.due, work.upcoming, work.done) == (3, 2, 1, 1)
        assert [(group.segment.key, group.count, group.tone) for group in work.groups] == [
            ("prospect", 2, ""),
            ("small_conservative", 3, "late"),
        ]
        assert sum(len(group.rows) + group.more for group in work.groups) == 5
    by_lateness = browser.get("/today/").context["work"].groups
    assert [group.count for group in by_lateness] == [3, 2, 1]


def test_what_is_confidential_is_not_drawn_for_whom_it_concerns(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    CallbackFactory(client=zhang, reason="问新股")
    CallbackFactory(client=zhang, reason="核实服务情况", confidential=True)
    VisitFactory(client=zhang, notes="合规回访：对服务不满", confidential=True)
    work = browse(manager).get("/today/").context["work"]
    assert [row["why"] for group in work.groups for row in group.rows] == ["问新股"]
    assert [row["last"] for group in work.groups for row in group.rows] == [""]
    assert work.due == 1


def count(browser: Browser) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert browser.get("/today/").status_code == 200
    ours = [q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_"))]
    return len(ours)


def test_it_asks_the_same_number_of_questions_however_much_is_due(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    for client in (zhang, zhou):
        CallbackFactory(client=client)
        CallbackFactory(client=client, due_on=today() + timedelta(days=2))
        VisitFactory(client=client)
    browser = browse(manager)
    browser.get("/today/")
    few = count(browser)
    for _ in range(12):
        client = ClientFactory(manager=manager)
        CallbackFactory.create_batch(3, client=client)
        VisitFactory(client=client)
    assert count(browser) <= few + 0
    assert few <= MOST_QUERIES
