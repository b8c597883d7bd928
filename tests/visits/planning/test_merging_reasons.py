"""Several reasons become one contact; two contacts keep their distance (docs/callbacks.md)."""

import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from clients.models import Client
from staff.models import Employee, Policy
from tests.cast import ORDINARY_DAY as NOW
from tests.factories import CallbackFactory, VisitFactory
from visits.contacts.services import log_visit
from visits.models import Callback, CallbackPlan, Occasion, Outcome, Trigger
from visits.planning.planner import plan_callbacks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("an_ordinary_day")]
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def due_soon(zhang: Client) -> Client:
    """Zhang, known for a year; the regular callback falls on Friday 12 June 2026."""
    Client.objects.filter(pk=zhang.pk).update(
        created_at=datetime(2025, 6, 10, tzinfo=SHANGHAI),
        segment_since=date(2025, 6, 10),
        opened_on=date(2025, 6, 10),
        last_contact_on=date(2026, 3, 12),
    )
    VisitFactory(client=zhang, occurred_at=datetime(2026, 3, 12, 10, tzinfo=SHANGHAI))
    CallbackPlan.objects.filter(segment=zhang.segment).update(window_days=10)
    zhang.refresh_from_db()
    return zhang


def occasion(client: Client, day: date, kind: str = "custody") -> Occasion:
    return Occasion.objects.create(
        client=client, kind=kind, happened_on=day, source_key=str(uuid.uuid4())
    )


def rows(client: Client) -> dict[str, Callback]:
    return {row.kind: row for row in Callback.objects.filter(client=client)}


def test_reasons_near_each_other_are_one_contact(due_soon: Client) -> None:
    # Custody transferred on Monday 15 June: two trading days later, Wednesday the 17th.
    with time_machine.travel(NOW.replace(day=15), tick=False):
        occasion(due_soon, date(2026, 6, 15))
        plan_callbacks()
        found = rows(due_soon)
        cadence, other = found["cadence"], found["custody"]
        assert (cadence.status, cadence.due_on) == ("open", date(2026, 6, 12))
        assert (other.status, other.merged_into) == ("merged", cadence)
        assert other.earliest_on == date(2026, 6, 17)
        assert cadence.also == ["custody"]
        assert plan_callbacks().changed == 0
        assert plan_callbacks(clients=[due_soon.pk]).changed == 0


def test_whoever_leads_keeps_within_every_window(due_soon: Client) -> None:
    Trigger.objects.filter(cause="custody").update(call_days=4, window_days=1)
    CallbackPlan.objects.filter(segment=due_soon.segment).update(window_days=30)
    occasion(due_soon, date(2026, 6, 10))
    plan_callbacks()
    found = rows(due_soon)
    # Friday the 12th leads; the occasion asks for the 16th or 17th at the latest.
    assert found["custody"].merged_into == found["cadence"]
    assert found["cadence"].window_end == date(2026, 6, 17)


def test_what_comes_much_later_is_a_contact_of_its_own_and_off_by_the_gap(
    due_soon: Client,
) -> None:
    CallbackPlan.objects.filter(segment=due_soon.segment).update(window_days=40)
    Trigger.objects.filter(cause="custody").update(call_days=12)
    occasion(due_soon, date(2026, 6, 10))
    plan_callbacks()
    found = rows(due_soon)
    assert {row.status for row in found.values()} == {"open"}
    other = found["custody"].earliest_on
    assert (other - found["cadence"].window_end).days == 6


def test_an_answered_callback_answers_what_was_joined_with_it(
    due_soon: Client, manager: Employee
) -> None:
    occasion(due_soon, date(2026, 6, 10))
    plan_callbacks()
    found = rows(due_soon)
    assert found["custody"].merged_into == found["cadence"]
    log_visit(
        client=due_soon,
        employee=manager,
        token=uuid.uuid4(),
        outcome=Outcome.objects.get(key="talked"),
        callback=found["cadence"],
    )
    for row in found.values():
        row.refresh_from_db()
        assert row.status == "done"
    assert found["custody"].merged_into == found["cadence"]


def test_a_contact_about_something_else_leaves_the_other_reason_open_after_the_gap(
    due_soon: Client, manager: Employee
) -> None:
    occasion(due_soon, date(2026, 6, 10))
    plan_callbacks()
    log_visit(
        client=due_soon,
        employee=manager,
        token=uuid.uuid4(),
        outcome=Outcome.objects.get(key="talked"),
    )
    other = rows(due_soon)["custody"]
    assert (other.status, other.merged_into, other.also) == ("open", None, [])
    # Five days after the contact of the 10th.
    assert other.due_on == date(2026, 6, 15)


def test_no_attempt_counts_for_both(due_soon: Client, manager: Employee) -> None:
    occasion(due_soon, date(2026, 6, 10))
    plan_callbacks()
    cadence = rows(due_soon)["cadence"]
    log_visit(
        client=due_soon,
        employee=manager,
        token=uuid.uuid4(),
        outcome=Outcome.objects.get(key="no_answer"),
        callback=cadence,
        next_step="none",
    )
    found = rows(due_soon)
    assert (found["cadence"].status, found["cadence"].attempts) == ("open", 1)
    assert found["custody"].status == "merged"


@pytest.mark.parametrize(("day", "joins"), [(11, True), (12, True), (19, True), (25, False)])
def test_a_day_set_by_hand_stands_in_for_what_is_due_around_it(
    due_soon: Client, day: int, joins: bool
) -> None:
    by_hand = CallbackFactory(client=due_soon, due_on=date(2026, 6, day))
    plan_callbacks()
    cadence = rows(due_soon)["cadence"]
    assert (cadence.merged_into == by_hand) is joins
    if not joins:
        assert (by_hand.due_on - cadence.window_end).days > 5
    assert plan_callbacks().changed == 0


def test_a_snoozed_callback_takes_the_others_with_it(due_soon: Client, manager: Employee) -> None:
    plan_callbacks()
    cadence = rows(due_soon)["cadence"]
    Callback.objects.filter(pk=cadence.pk).update(
        due_on=date(2026, 6, 15), window_end=date(2026, 6, 22), is_placed=True
    )
    occasion(due_soon, date(2026, 6, 10))
    plan_callbacks()
    assert rows(due_soon)["custody"].merged_into == cadence


def test_when_the_leading_one_is_cancelled_the_other_stands_alone(due_soon: Client) -> None:
    made = occasion(due_soon, date(2026, 6, 10))
    Client.objects.filter(pk=due_soon.pk).update(last_contact_on=date(2026, 3, 17))
    plan_callbacks()
    found = rows(due_soon)
    lead, joined = found["custody"], found["cadence"]
    assert joined.merged_into == lead
    Occasion.objects.filter(pk=made.pk).update(void=True)
    plan_callbacks()
    found = rows(due_soon)
    assert found["custody"].status == "cancelled"
    assert (found["cadence"].status, found["cadence"].merged_into) == ("open", None)


def test_a_person_who_cancels_the_leading_one_frees_the_joined(due_soon: Client) -> None:
    occasion(due_soon, date(2026, 6, 10))
    plan_callbacks()
    Callback.objects.filter(kind="cadence").update(status="cancelled", cancelled_because="person")
    plan_callbacks()
    other = rows(due_soon)["custody"]
    assert (other.status, other.merged_into) == ("open", None)


def test_the_gap_is_a_policy(due_soon: Client) -> None:
    Policy.objects.filter(key="contact_merge_days").update(value=0)
    occasion(due_soon, date(2026, 6, 11))
    Trigger.objects.filter(cause="custody").update(call_days=3)
    plan_callbacks()
    found = rows(due_soon)
    # The 12th and the 16th: two contacts, because nothing may join.
    assert {row.status for row in found.values()} == {"open"}


def test_the_gap_of_a_branch_is_its_own(due_soon: Client) -> None:
    Policy.objects.create(
        key="contact_merge_days",
        value=0,
        unit="days",
        branch=due_soon.branch,
        valid_from=date(2026, 1, 1),
        citation="本部规定",
        status="unverified",
    )
    occasion(due_soon, date(2026, 6, 11))
    Trigger.objects.filter(cause="custody").update(call_days=3)
    plan_callbacks()
    assert {row.status for row in rows(due_soon).values()} == {"open"}


def test_calls_by_the_hard_limit_are_never_late_for_others(zhang: Client) -> None:
    """A new account's callback has a month; what joins it does not move its limit outwards."""
    Client.objects.filter(pk=zhang.pk).update(
        created_at=NOW, opened_on=date(2026, 6, 8), last_contact_on=None
    )
    occasion(zhang, date(2026, 6, 9))
    plan_callbacks()
    leads = Callback.objects.filter(client=zhang, status="open")
    assert Callback.objects.filter(client=zhang, status="merged").exists()
    for lead in leads:
        for joined in lead.joined.filter(status="merged"):
            assert lead.window_end <= joined.window_end
            if joined.hard_limit_on:
                assert lead.hard_limit_on == joined.hard_limit_on


def test_all_that_is_overdue_is_one_contact_with_what_is_due_now(due_soon: Client) -> None:
    Trigger.objects.filter(cause="custody").update(call_days=30, window_days=5)
    occasion(due_soon, date(2026, 6, 10))
    plan_callbacks()
    assert rows(due_soon)["custody"].status == "open"
    with time_machine.travel(NOW.replace(month=7, day=27), tick=False):
        plan_callbacks()
        found = rows(due_soon)
        assert found["custody"].merged_into == found["cadence"]
        assert found["cadence"].due_on == date(2026, 6, 12)
        assert plan_callbacks().changed == 0
