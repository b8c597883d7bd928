"""Figures of one name are one figure on every page (docs/figures.md)."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.file.assignments import assign, employee_leaves
from clients.models import Client
from compliance.return_visits.services import plan_by_hand
from compliance.visitors import services as visitors
from crm.trading_days import today
from pipeline.models import Channel, Lead, LostReason, Opportunity, Stage, StageMove
from staff.models import Branch, Employee, Policy, Role
from staff.small_samples import SMALL_SAMPLE
from tests.cast import Browse
from tests.dashboards.board.test_board import figures, rows_of
from tests.factories import (
    CallbackFactory,
    ClientFactory,
    EmployeeFactory,
    OpportunityFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db


def page(browser: Browser, url: str, query: dict[str, Any] | None = None) -> Any:
    answer = browser.get(url, query or {})
    assert answer.status_code == 200, url
    return answer


@pytest.fixture
def channel(branch: Branch) -> Channel:
    return Channel.objects.create(name="招商银行张江支行", kind="bank", branch=branch)


@pytest.fixture
def year(
    manager: Employee, colleague: Employee, stranger: Employee, zhang: Client, channel: Channel
) -> dict[str, Any]:
    """Accounts opened this year and before, with and without a lead, closed and merged ones."""
    first = today().replace(month=1, day=1)
    Client.objects.filter(pk=zhang.pk).update(opened_on=first - timedelta(days=400))
    old_lead = ClientFactory(manager=manager, opened_on=today())
    new_lead = ClientFactory(manager=colleague, opened_on=first)
    ClientFactory(manager=manager, opened_on=first, lifecycle="closed")
    ClientFactory(manager=stranger, opened_on=today())
    ClientFactory(manager=manager, opened_on=first - timedelta(days=1))
    merged = ClientFactory(manager=manager, opened_on=first)
    Client.objects.filter(pk=merged.pk).update(merged_into=new_lead)
    for client, on in ((old_lead, first - timedelta(days=30)), (new_lead, first), (zhang, first)):
        Lead.objects.create(client=client, channel=channel, via="quick", employee=manager, on=on)
    # An opportunity of last year whose account was opened in this one.
    OpportunityFactory(
        client=old_lead,
        kind="account_opening",
        stage=Stage.objects.get(key="opened"),
        created_on=first - timedelta(days=30),
        closed_on=today(),
    )
    return {"from": first.isoformat(), "to": today().isoformat()}


def test_accounts_opened_are_those_of_the_client_list_everywhere(
    year: dict[str, Any], channel: Channel, head: Employee, compliance: Employee, browse: Browse
) -> None:
    asked = f"/clients/?opened_from={year['from']}&opened_to={year['to']}"
    for viewer in (head, compliance):
        browser = browse(viewer)
        listed = rows_of(browser, asked)
        assert listed == 3
        lines = page(browser, "/compliance/coverage/", {"year": today().year}).context["lines"]
        assert sum(line.opened.value for line in lines) == listed
        period = {"created_from": year["from"], "created_to": year["to"]}
        opened = page(browser, "/board/conversion/", period).context["page"].opened
        assert (opened.value, rows_of(browser, opened.url)) == (listed, listed)
    # A channel has its part of them; of the leads of the year others have opened an account.
    (line,) = page(browse(head), "/channels/", year).context["figures"]
    assert (line.openings, line.leads, line.opened) == (2, 2, 2)
    leads = f"/leads/?channel={channel.pk}&from={year['from']}&to={year['to']}"
    browser = browse(head)
    then = {row.client_id for row in page(browser, f"{leads}&opened=then").context["page"].items}
    opened = Client.objects.filter(opened_on__gte=year["from"], lead__channel=channel)
    assert then == set(opened.values_list("pk", flat=True))
    assert rows_of(browser, f"{leads}&opened=1") == line.opened


def test_what_nobody_acts_on_is_the_clients_work_alone(
    zhang: Client, manager: Employee, head: Employee, compliance: Employee, browse: Browse
) -> None:
    plan_by_hand(client=zhang, due_on=today(), words="大额", by=compliance, token=uuid.uuid4())
    CallbackFactory(client=zhang, employee=None)
    for viewer in (head, compliance):
        browser = browse(viewer)
        board = page(browser, "/board/").context["board"]
        assert board.total.unassigned == 1
        assert rows_of(browser, board.links["unassigned"]) == 1
        assert (board.total.open, rows_of(browser, "/callbacks/")) == (1, 1)
    # The return visit without a visitor is on its own list.
    assert rows_of(browse(compliance), "/compliance/visits/?status=unassigned") == 1


def test_confidential_contacts_are_in_no_figure(
    zhang: Client, manager: Employee, mei: Employee, compliance: Employee, browse: Browse
) -> None:
    VisitFactory(client=zhang, occurred_at=timezone.now(), satisfaction_service=4)
    VisitFactory(
        client=zhang,
        employee=mei,
        occurred_at=timezone.now(),
        confidential=True,
        satisfaction_service=1,
    )
    browser = browse(compliance)
    board = page(browser, "/board/").context["board"]
    assert board.weeks[-1].visits.value == 1
    assert board.answers == 1
    assert rows_of(browser, board.weeks[-1].visits.url) == 1
    months = page(browser, "/record/").context["months"]
    assert [month.made for month in months] == [1]


@pytest.fixture
def mei(branch: Branch, compliance: Employee) -> Employee:
    person = EmployeeFactory(full_name="梅兰", branch=branch, role=Role.OPERATIONS)
    visitors.name(employee=person, branch=branch, by=compliance)
    return person


def lose(client: Client) -> Opportunity:
    stages = {stage.key: stage for stage in Stage.objects.all()}
    row = OpportunityFactory(
        client=client,
        stage=stages["lost"],
        created_on=today(),
        closed_on=today(),
        lost_reason=LostReason.objects.first(),
    )
    for key in ("new", "contacted", "lost"):
        StageMove.objects.create(opportunity=row, to_stage=stages[key], moved_on=today())
    return row


def test_the_past_of_who_left_does_not_move_to_their_successor(
    zhou: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    row = lose(zhou)
    employee_leaves(employee=manager, left_on=today(), by=head)
    assign(client=zhou, employee=colleague, on=today(), reason="离职")
    browser = browse(head)
    assert rows_of(browser, f"/pipeline/list/?manager={colleague.pk}") == 0
    assert rows_of(browser, "/pipeline/list/?manager=other") == 1
    shown = page(browser, "/board/conversion/", {"by": "manager"}).context["page"]
    (line,) = shown.lines
    assert (line.name, line.created.value) == ("已离职或在其他机构", 1)
    assert rows_of(browser, line.created.url) == 1
    assert row.pk in Opportunity.objects.visible_to(colleague).values_list("pk", flat=True)


def test_what_is_lost_opens_the_days_in_which_it_was_counted(
    zhou: Client, head: Employee, browse: Browse
) -> None:
    lose(zhou)
    browser = browse(head)
    answer = page(browser, "/board/")
    (lost,) = [one for one in figures(answer) if "reached=lost" in one.url]
    assert (lost.value, rows_of(browser, lost.url)) == (1, 1)
    where = answer.context["lost_url"]
    since = answer.context["board"].since
    assert f"created_from={since}" in where
    shown = page(browser, where).context["page"]
    assert (shown.lost.value, rows_of(browser, shown.lost.url)) == (1, 1)


@pytest.mark.parametrize(("fewest", "shown"), [(2, True), (3, False)])
def test_one_rule_says_from_how_many_on_a_share_is_shown(
    fewest: int,
    shown: bool,
    channel: Channel,
    manager: Employee,
    head: Employee,
    browse: Browse,
) -> None:
    Policy.objects.filter(key=SMALL_SAMPLE.key).update(value=fewest)
    for _number in range(2):
        prospect = ClientFactory(manager=manager, prospect=True)
        Lead.objects.create(
            client=prospect, channel=channel, via="quick", employee=manager, on=today()
        )
        lose(prospect)
        VisitFactory(client=prospect, satisfaction_service=4, purpose="learn")
    browser = browse(head)
    board = page(browser, "/board/").context["board"]
    conversion = page(browser, "/board/conversion/").context["page"]
    (line,) = page(browser, "/channels/").context["figures"]
    lessons = page(browser, "/record/")
    purposes = lessons.context["tables"][0][1]
    assert [
        board.funnel[0].on.is_enough,
        board.satisfaction[0] is not None,
        conversion.steps[0].on.is_enough,
        conversion.stays[0].days.is_enough,
        line.conversion.is_enough,
        any(row.own.is_enough for row in purposes),
    ] == [shown] * 6
    # Went on: the same of the same opportunities, at the stage that they left.
    went = [(step.on.led, step.on.reached) for step in board.funnel if step.on]
    assert went == [(step.on.led, step.on.reached) for step in conversion.steps if step.on]
    assert ("样本不足" in page(browser, "/channels/").content.decode()) is not shown
