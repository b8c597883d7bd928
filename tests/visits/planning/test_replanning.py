"""What a changed plan or segment, and work of the same moment, leave of the callbacks that stand."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from clients.models import Client, Segment
from tests.cast import ORDINARY_DAY as NOW
from tests.factories import CallbackFactory
from tests.visits.planning.test_planning import TODAY, known_since, the_row
from visits.models import Callback, CallbackPlan
from visits.planning.planner import plan_callbacks
from visits.planning.steps import Tables
from visits.plans import services as plans

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("an_ordinary_day")]


@pytest.fixture
def known(zhang: Client) -> Client:
    """Zhang, known for a year; the plan says every three months."""
    known_since(zhang, date(2025, 6, 10))
    Client.objects.filter(pk=zhang.pk).update(
        last_contact_on=date(2026, 5, 8), opened_on=date(2025, 6, 10)
    )
    return zhang


@pytest.fixture
def overdue(known: Client) -> Callback:
    """Due on Friday 8 May, from the contact of 8 February; not called until today."""
    Client.objects.filter(pk=known.pk).update(last_contact_on=date(2026, 2, 8))
    plan_callbacks()
    row = the_row(known)
    assert (row.due_on, row.is_backlog) == (date(2026, 5, 8), False)
    return row


def as_it_was(row: Callback) -> bool:
    now = the_row(row.client)
    return (now.due_on, now.ideal_on, now.is_backlog) == (row.due_on, row.ideal_on, False)


@pytest.mark.parametrize("values", [{"remind_at": time(9, 15)}, {"script": None}, {"every": 1}])
def test_a_changed_plan_hides_nothing_that_is_overdue(
    overdue: Callback, values: dict[str, Any]
) -> None:
    plan = CallbackPlan.objects.get(segment=overdue.client.segment)
    before = {name: getattr(plan, name) for name in plans.PLAN_COLUMNS}
    plans.change_plan(segment=plan.segment, values=before | values)
    assert plan_callbacks().moved == 0
    assert as_it_was(overdue)
    assert plan_callbacks().changed == 0


def test_a_script_changed_before_the_row_was_planned_makes_no_backlog(
    known: Client,
) -> None:
    """A late run ends in the same rows: the cadence is older than the plan's newest version."""
    Client.objects.filter(pk=known.pk).update(last_contact_on=date(2026, 2, 8))
    plan = CallbackPlan.objects.get(segment=known.segment)
    before = {name: getattr(plan, name) for name in plans.PLAN_COLUMNS}
    plans.change_plan(segment=plan.segment, values=before | {"remind_at": time(9, 15)})
    plan_callbacks()
    row = the_row(known)
    assert (row.due_on, row.is_backlog) == (date(2026, 5, 8), False)


@pytest.mark.parametrize("every", [1, 3])
def test_another_segment_hides_nothing_that_is_overdue(overdue: Callback, every: int) -> None:
    other = Segment.objects.get(key="private")
    CallbackPlan.objects.filter(segment=other).update(every=every, unit="month")
    pk = overdue.client_id
    Client.objects.filter(pk=pk).update(segment=other, segment_since=TODAY)
    assert plan_callbacks().moved == 0
    assert as_it_was(overdue)
    assert plan_callbacks(clients=[pk]).changed == 0


def test_a_shorter_cadence_spreads_what_was_not_yet_due(known: Client) -> None:
    plan_callbacks()
    plan = CallbackPlan.objects.get(segment=known.segment)
    before = {name: getattr(plan, name) for name in plans.PLAN_COLUMNS}
    plans.change_plan(segment=plan.segment, values=before | {"every": 1})
    plan_callbacks()
    row = the_row(known)
    assert (row.ideal_on, row.due_on, row.is_backlog) == (date(2026, 6, 8), TODAY, True)


def test_it_leaves_alone_what_was_made_while_it_ran(
    known: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A visit between the reading and the writing of a run: its next callback is not taken for stale."""
    plan_callbacks()
    old = the_row(known)
    want = Tables.want

    def visit(tables: Tables) -> Any:
        wanted = want(tables)
        day = TODAY + timedelta(days=90)
        old.status, old.done_at, old.done_on = "done", NOW, TODAY
        old.save()
        Client.objects.filter(pk=known.pk).update(last_contact_on=TODAY)
        CallbackFactory(
            client=known,
            kind="cadence",
            occurrence=f"{TODAY}:1",
            anchor_on=TODAY,
            ideal_on=day,
            due_on=day,
        )
        return wanted

    monkeypatch.setattr(Tables, "want", visit)
    assert plan_callbacks(segment=known.segment).cancelled == 0
    assert the_row(known).anchor_on == TODAY
