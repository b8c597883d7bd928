"""Planning reconciles callbacks with state: from state, not from ticks."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client, Lifecycle, Segment
from crm.models import Holiday
from crm.trading_days import is_trading_day, on_or_after
from staff.models import Branch, Employee, Notification, Policy
from tests.cast import ORDINARY_DAY as NOW
from tests.factories import CallbackFactory, ClientFactory, VisitFactory
from visits.cadence import due_date
from visits.models import Callback, CallbackPlan
from visits.planning import nightly
from visits.planning.planner import Counts, plan_callbacks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("an_ordinary_day")]
TODAY = date(2026, 6, 10)


def known_since(client: Client, day: date) -> None:
    """As if the client had been here that long."""
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    Client.objects.filter(pk=client.pk).update(created_at=moment, segment_since=day)


@pytest.fixture
def client_of_may(zhang: Client) -> Client:
    """Zhang, known for a year, last reached on 8 May 2026; the plan says every three months."""
    known_since(zhang, date(2025, 6, 10))
    Client.objects.filter(pk=zhang.pk).update(
        last_contact_on=date(2026, 5, 8), opened_on=date(2025, 6, 10)
    )
    zhang.refresh_from_db()
    return zhang


def the_row(client: Client) -> Callback:
    return Callback.objects.get(client=client, kind="cadence", status="open")


def test_it_counts_from_the_last_contact_that_reached(client_of_may: Client) -> None:
    assert plan_callbacks() == Counts(created=1)
    row = the_row(client_of_may)
    assert row.anchor_on == date(2026, 5, 8)
    assert row.ideal_on == due_date(date(2026, 5, 8), 3, "month") == date(2026, 8, 8)
    # A Saturday: moved to Monday.
    assert row.due_on == date(2026, 8, 10)
    assert row.employee == client_of_may.manager
    assert not row.is_backlog


def test_it_changes_nothing_the_second_time(client_of_may: Client, zhou: Client) -> None:
    plan_callbacks()
    before = list(Callback.objects.order_by("pk").values())
    counts = plan_callbacks()
    assert (counts.created, counts.moved, counts.cancelled) == (0, 0, 0)
    assert counts.kept == len(before)
    assert list(Callback.objects.order_by("pk").values()) == before


def test_it_ends_in_the_same_rows_when_it_comes_late(client_of_may: Client, zhou: Client) -> None:
    fields = ("client", "kind", "occurrence", "due_on", "window_end", "employee", "is_backlog")
    plan_callbacks()
    in_time = sorted(Callback.objects.values_list(*fields))
    Callback.objects.all().delete()
    with time_machine.travel(NOW + timedelta(days=100), tick=False):
        plan_callbacks()
    assert sorted(Callback.objects.values_list(*fields)) == in_time


def test_it_counts_a_prospect_from_the_day_it_was_recorded(zhou: Client) -> None:
    known_since(zhou, zhou.recorded_on)
    plan_callbacks()
    assert the_row(zhou).ideal_on == zhou.recorded_on + timedelta(days=14)


def test_it_moves_when_the_anchor_moves_and_says_that_contact_was_made(
    client_of_may: Client,
) -> None:
    plan_callbacks()
    Client.objects.filter(pk=client_of_may.pk).update(last_contact_on=date(2026, 6, 1))
    assert plan_callbacks() == Counts(created=1, cancelled=1)
    old = Callback.objects.get(status="cancelled")
    assert old.cancelled_because == Callback.Cancelled.CONTACTED
    assert the_row(client_of_may).ideal_on == date(2026, 9, 1)


def test_it_never_brings_back_what_is_done(client_of_may: Client) -> None:
    plan_callbacks()
    Callback.objects.update(status="done", done_at=NOW, done_on=TODAY)
    assert plan_callbacks() == Counts()


def test_it_goes_on_with_the_next_after_one_that_a_person_cancelled(
    client_of_may: Client,
) -> None:
    plan_callbacks()
    Callback.objects.update(status="cancelled", cancelled_because="person", reason="away")
    assert plan_callbacks().created == 1
    row = the_row(client_of_may)
    assert row.occurrence == "2026-05-08:2"
    assert row.ideal_on == date(2026, 11, 8)


def test_it_takes_up_again_what_it_had_cancelled_itself(client_of_may: Client) -> None:
    plan_callbacks()
    CallbackPlan.objects.update(every=None)
    assert plan_callbacks().cancelled == 1
    CallbackPlan.objects.update(every=3)
    assert plan_callbacks().moved == 1
    assert the_row(client_of_may).cancelled_because == ""


def test_it_leaves_a_row_placed_by_hand_where_it_is_but_not_with_whom(
    client_of_may: Client, colleague: Employee
) -> None:
    plan_callbacks()
    Callback.objects.update(is_placed=True, due_on=date(2026, 7, 1))
    CallbackPlan.objects.update(every=1)
    Client.objects.filter(pk=client_of_may.pk).update(manager=colleague)
    plan_callbacks()
    row = the_row(client_of_may)
    assert row.due_on == date(2026, 7, 1)
    assert row.employee == colleague


def test_it_follows_a_changed_plan(client_of_may: Client) -> None:
    plan_callbacks()
    CallbackPlan.objects.update(every=2)
    assert plan_callbacks().moved == 1
    assert the_row(client_of_may).ideal_on == date(2026, 7, 8)


def test_it_follows_a_changed_holiday(client_of_may: Client) -> None:
    plan_callbacks()
    Holiday.objects.create(day=date(2026, 8, 10))
    assert plan_callbacks().moved == 1
    assert the_row(client_of_may).due_on == date(2026, 8, 11)


def test_it_plans_by_the_provisional_calendar_until_the_list_is_published(
    client_of_may: Client,
) -> None:
    Client.objects.filter(pk=client_of_may.pk).update(last_contact_on=date(2026, 10, 1))
    plan_callbacks()
    row = the_row(client_of_may)
    # New Year is a Friday.
    assert row.ideal_on == date(2027, 1, 1)
    assert row.due_on == date(2027, 1, 4)
    Holiday.objects.bulk_create(
        Holiday(day=day) for day in (date(2027, 1, 4), date(2027, 10, 1), date(2027, 10, 4))
    )
    assert plan_callbacks().moved == 1
    assert the_row(client_of_may).due_on == date(2027, 1, 1)
    Holiday.objects.create(day=date(2027, 1, 1))
    assert plan_callbacks(clients=[client_of_may.pk]).moved == 1
    assert the_row(client_of_may).due_on == date(2027, 1, 5)
    assert plan_callbacks().changed == 0


def test_it_follows_a_changed_manager(client_of_may: Client, colleague: Employee) -> None:
    plan_callbacks()
    manual = CallbackFactory(client=client_of_may, due_on=date(2026, 6, 15))
    Client.objects.filter(pk=client_of_may.pk).update(manager=colleague)
    assert plan_callbacks().moved == 2
    manual.refresh_from_db()
    assert manual.employee == colleague
    assert manual.due_on == date(2026, 6, 15)


@pytest.mark.parametrize("missing", ["plan", "cadence"])
def test_it_plans_no_cadence_where_the_segment_has_none(
    client_of_may: Client, missing: str
) -> None:
    plan_callbacks()
    if missing == "plan":
        CallbackPlan.objects.update(valid_to=date(2026, 6, 1))
    else:
        CallbackPlan.objects.update(every=None)
    counts = plan_callbacks()
    assert counts == Counts(cancelled=1)
    assert Callback.objects.get().cancelled_because == Callback.Cancelled.NOT_DUE


def test_it_cancels_everything_of_a_closed_client(client_of_may: Client) -> None:
    plan_callbacks()
    CallbackFactory(client=client_of_may)
    Client.objects.filter(pk=client_of_may.pk).update(lifecycle=Lifecycle.CLOSED)
    assert plan_callbacks().cancelled == 2
    assert not Callback.objects.open().exists()


def test_it_plans_the_first_call_of_a_new_account(zhang: Client) -> None:
    known_since(zhang, date(2026, 6, 9))
    Client.objects.filter(pk=zhang.pk).update(opened_on=date(2026, 6, 9))
    plan_callbacks()
    row = Callback.objects.get(kind="new_account")
    # Five trading days after Tuesday the 9th.
    assert row.due_on == date(2026, 6, 16)
    assert row.hard_limit_on == row.window_end == date(2026, 7, 9)
    assert plan_callbacks().changed == 0


def test_it_plans_no_first_call_for_accounts_opened_before_the_client_was_known(
    client_of_may: Client,
) -> None:
    Client.objects.filter(pk=client_of_may.pk).update(opened_on=date(2020, 1, 2))
    plan_callbacks()
    assert not Callback.objects.filter(kind="new_account").exists()


def test_it_spreads_a_backlog_over_one_cadence(manager: Employee, segment: Segment) -> None:
    for n in range(70):
        client = ClientFactory(manager=manager, segment=segment, segment_since=TODAY)
        day = date(2019, 1, 1) + timedelta(days=n)
        Client.objects.filter(pk=client.pk).update(last_contact_on=day, opened_on=day)
    plan_callbacks()
    rows = Callback.objects.filter(kind="cadence")
    assert rows.filter(is_backlog=True).count() == 70
    per_day = {
        day: rows.filter(due_on=day).count() for day in rows.values_list("due_on", flat=True)
    }
    assert min(per_day) == TODAY
    assert max(per_day.values()) == 20
    assert sorted(per_day.values()) == [10, 20, 20, 20]
    assert all(is_trading_day(day) for day in per_day)


def test_it_spreads_first_calls_that_were_due_before_the_clients_were_known(
    manager: Employee, segment: Segment
) -> None:
    """Accounts of four weeks ago, imported today: nobody is late with what nobody knew of."""
    Policy.objects.filter(key="callback_daily_capacity").update(value=2)
    for _ in range(7):
        client = ClientFactory(
            manager=manager, segment=segment, recorded_on=TODAY, opened_on=date(2026, 5, 13)
        )
        known_since(client, TODAY)
    plan_callbacks()
    rows = Callback.objects.filter(kind="new_account").order_by("due_on", "pk")
    # Until the last trading day before Saturday 13 June, a month after the opening.
    assert [row.due_on.day for row in rows] == [10, 10, 11, 11, 12, 12, 12]
    assert [row.over_capacity for row in rows] == [False] * 6 + [True]
    assert all(row.is_backlog for row in rows)
    assert plan_callbacks().changed == 0


def test_it_keeps_the_hard_limit_of_who_was_recorded_after_the_last_trading_day(
    zhang: Client,
) -> None:
    saturday = date(2026, 6, 13)
    known_since(zhang, saturday)
    Client.objects.filter(pk=zhang.pk).update(opened_on=date(2026, 5, 13))
    with time_machine.travel(NOW.replace(day=13), tick=False):
        plan_callbacks()
        row = Callback.objects.get(kind="new_account")
        assert (row.hard_limit_on, row.due_on, row.is_backlog) == (
            saturday,
            date(2026, 5, 20),
            False,
        )
        assert plan_callbacks().changed == 0


def test_it_finds_no_day_with_room_where_none_holds_a_call(
    client_of_may: Client, manager: Employee
) -> None:
    Policy.objects.filter(key="callback_daily_capacity").update(value=0)
    CallbackPlan.objects.filter(segment=client_of_may.segment).update(window_days=3)
    plan_callbacks()
    row = the_row(client_of_may)
    assert (row.due_on, row.over_capacity) == (date(2026, 8, 13), True)
    assert plan_callbacks().changed == 0


def test_it_marks_what_does_not_fit_and_keeps_it_at_the_end_of_its_window(
    manager: Employee, segment: Segment
) -> None:
    Policy.objects.filter(key="callback_daily_capacity").update(value=2)
    CallbackPlan.objects.filter(segment=segment).update(window_days=1)
    for _ in range(7):
        client = ClientFactory(manager=manager, segment=segment)
        known_since(client, date(2026, 1, 5))
        Client.objects.filter(pk=client.pk).update(
            last_contact_on=date(2026, 4, 8), opened_on=date(2025, 1, 1)
        )
    plan_callbacks()
    rows = Callback.objects.order_by("due_on", "pk")
    # Due on Wednesday 8 July, window until the 9th: two each day fit, three are too many.
    assert [row.due_on.day for row in rows] == [8, 8, 9, 9, 9, 9, 9]
    assert sum(row.over_capacity for row in rows) == 3
    assert plan_callbacks().changed == 0
    day = date(2026, 7, 9)
    with time_machine.travel(NOW.replace(month=7, day=9), tick=False):
        for _turn in range(2):
            nightly.plan(segment_id=segment.pk, day=day)
    line = Notification.objects.get(kind="over_capacity")
    crowded = Callback.objects.filter(status="open", due_on=day, over_capacity=True).count()
    assert (line.employee, line.params) == (manager, {"count": crowded})
    assert crowded


def test_it_counts_calls_of_other_kinds_towards_the_day(
    client_of_may: Client, manager: Employee
) -> None:
    Policy.objects.filter(key="callback_daily_capacity").update(value=1)
    CallbackFactory(client=ClientFactory(manager=manager), due_on=date(2026, 8, 10))
    plan_callbacks()
    assert the_row(client_of_may).due_on == date(2026, 8, 11)


def test_it_keeps_to_the_share_of_a_plan(manager: Employee, segment: Segment) -> None:
    CallbackPlan.objects.filter(segment=segment).update(daily_capacity=1)
    for _ in range(3):
        client = ClientFactory(manager=manager, segment=segment)
        known_since(client, date(2026, 1, 5))
        Client.objects.filter(pk=client.pk).update(
            last_contact_on=date(2026, 4, 8), opened_on=date(2025, 1, 1)
        )
    plan_callbacks()
    days = sorted(Callback.objects.values_list("due_on", flat=True))
    assert [day.day for day in days] == [8, 9, 10]


def test_it_calls_the_higher_tier_first(manager: Employee) -> None:
    Policy.objects.filter(key="callback_daily_capacity").update(value=1)
    day = on_or_after(TODAY)
    clients = []
    for key in ("small_conservative", "private"):
        segment = Segment.objects.get(key=key)
        CallbackPlan.objects.filter(segment=segment).update(every=30, unit="day")
        client = ClientFactory(manager=manager, segment=segment)
        known_since(client, date(2026, 1, 5))
        Client.objects.filter(pk=client.pk).update(last_contact_on=day, opened_on=date(2025, 1, 1))
        clients.append(client)
    plan_callbacks()
    low, high = (the_row(client).due_on for client in clients)
    assert high < low


def test_it_plans_a_single_segment_or_client_only(client_of_may: Client, zhou: Client) -> None:
    plan_callbacks(segment=zhou.segment)
    assert {row.client_id for row in Callback.objects.all()} == {zhou.pk}
    plan_callbacks(clients=[client_of_may.pk])
    assert Callback.objects.filter(client=client_of_may).count() == 1


def test_it_gives_one_client_the_same_row_as_the_whole_segment(client_of_may: Client) -> None:
    plan_callbacks(clients=[client_of_may.pk])
    alone = the_row(client_of_may)
    assert plan_callbacks().changed == 0
    assert the_row(client_of_may).due_on == alone.due_on


def test_it_asks_the_database_equally_often_for_many(manager: Employee, segment: Segment) -> None:
    counts = []
    for size in (2, 20):
        for _ in range(size):
            ClientFactory(manager=manager, segment=segment)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            plan_callbacks()
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_it_shows_the_past_and_writes_nothing(
    client_of_may: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    VisitFactory(
        client=client_of_may,
        occurred_at=datetime(2025, 7, 1, 4, tzinfo=ZoneInfo("UTC")),
    )
    call_command("plan_callbacks", as_of="2025-10-09")
    shown = capsys.readouterr().out
    # Three months after 1 July 2025 is the first day of the holidays; they traded on the 9th.
    assert "1 clients, 1 due, 0 overdue" in shown
    assert not Callback.objects.exists()


def test_it_prints_what_it_did(client_of_may: Client, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("plan_callbacks")
    call_command("plan_callbacks")
    assert capsys.readouterr().out.splitlines() == [
        "created 1, kept 0, moved 0, cancelled 0",
        "created 0, kept 1, moved 0, cancelled 0",
    ]


@pytest.mark.parametrize("option", [{"on": "tomorrow"}, {"segment": "nobody"}, {"as_of": "x"}])
def test_it_says_what_is_wrong_with_an_option(option: dict[str, str]) -> None:
    with pytest.raises(CommandError, match=r"Write it as|There are"):
        call_command("plan_callbacks", **option)


def test_it_widens_the_room_of_what_did_not_fit(manager: Employee, segment: Segment) -> None:
    Policy.objects.filter(key="callback_daily_capacity").update(value=1)
    CallbackPlan.objects.filter(segment=segment).update(window_days=0)
    for _ in range(2):
        client = ClientFactory(manager=manager, segment=segment)
        known_since(client, date(2026, 1, 5))
        Client.objects.filter(pk=client.pk).update(
            last_contact_on=date(2026, 4, 8), opened_on=date(2025, 1, 1)
        )
    plan_callbacks()
    assert Callback.objects.filter(over_capacity=True).count() == 1
    CallbackPlan.objects.filter(segment=segment).update(window_days=3)
    assert plan_callbacks().moved == 2
    assert not Callback.objects.filter(over_capacity=True).exists()
    assert plan_callbacks().changed == 0


def test_it_calls_a_new_account_before_the_hard_limit_whatever_the_policy(zhang: Client) -> None:
    Policy.objects.filter(key="new_account_call_days").update(value=40)
    known_since(zhang, date(2026, 6, 9))
    Client.objects.filter(pk=zhang.pk).update(opened_on=date(2026, 6, 9))
    plan_callbacks()
    row = Callback.objects.get(kind="new_account")
    assert row.due_on == row.hard_limit_on == date(2026, 7, 9)


def test_the_numbers_of_the_nearest_branch_hold(
    zhang: Client, stranger: Employee, company: Branch, branch: Branch
) -> None:
    """The branch's own row, else that of the branch company above it, else the firm's."""
    for key, value, of in (
        ("new_account_call_days", 1, company),
        ("new_account_window_months", 2, company),
        ("new_account_call_days", 2, branch),
        ("expiry_lead_days", 60, branch),
    ):
        Policy.objects.create(
            key=key,
            value=value,
            unit="x",
            branch=of,
            valid_from=date(2026, 1, 1),
            citation="本部规定",
            status="unverified",
        )
    elsewhere = ClientFactory(manager=stranger)
    for client in (zhang, elsewhere):
        known_since(client, date(2026, 6, 9))
        Client.objects.filter(pk=client.pk).update(
            opened_on=date(2026, 6, 9), risk_grade="C3", risk_expires_on=date(2026, 9, 1)
        )
    plan_callbacks()
    found = {
        (row.client_id, row.kind): (row.earliest_on, row.hard_limit_on)
        for row in Callback.objects.filter(kind__in=["new_account", "expiry"])
    }
    assert found[zhang.pk, "new_account"] == (date(2026, 6, 11), date(2026, 8, 9))
    assert found[elsewhere.pk, "new_account"] == (date(2026, 6, 10), date(2026, 8, 9))
    # Sixty days before the 1st of September; thirty are more than a month off.
    assert found[zhang.pk, "expiry"][0] == on_or_after(date(2026, 7, 3))
    assert (elsewhere.pk, "expiry") not in found
    # One client is planned as the firm is.
    assert plan_callbacks(clients=[zhang.pk]).changed == 0
    assert plan_callbacks().changed == 0


def test_it_names_the_newest_version_of_a_plan_without_moving(client_of_may: Client) -> None:
    plan_callbacks()
    old = CallbackPlan.objects.get(segment=client_of_may.segment)
    CallbackPlan.objects.filter(pk=old.pk).update(valid_to=TODAY)
    new = CallbackPlan.objects.get(pk=old.pk)
    new.pk, new.valid_from, new.valid_to = None, TODAY, None
    new.save()
    assert plan_callbacks() == Counts(kept=1)
    assert the_row(client_of_may).plan == new


def test_it_sees_a_past_day_as_it_was(
    client_of_may: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    """Recorded in June 2024 and opened a year later: a prospect of the past, not an unknown."""
    Client.objects.filter(pk=client_of_may.pk).update(recorded_on=date(2024, 6, 12))
    call_command("plan_callbacks", as_of="2024-09-12", segment="small_conservative")
    assert "1 clients, 1 due, 0 overdue" in capsys.readouterr().out
    call_command("plan_callbacks", as_of="2024-06-11", segment="small_conservative")
    assert "clients" not in capsys.readouterr().out
