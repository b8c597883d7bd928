"""Planning from any state: whatever happened before, it settles in one run and keeps its rules."""

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from clients.models import Client, Lifecycle, Segment
from crm.models import Holiday
from crm.trading_days import between, is_trading_day
from staff.models import Absence, Employee, Policy
from tests.cast import ORDINARY_DAY as NOW
from tests.factories import CallbackFactory, ClientFactory
from visits.models import BY_HAND, Callback, CallbackPlan, Occasion
from visits.planning import planner
from visits.planning.planner import plan_callbacks

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = NOW.date()
CAPACITY = 2

DAYS = st.dates(date(2024, 1, 1), TODAY)
PEOPLE = st.fixed_dictionaries(
    {
        "lifecycle": st.sampled_from([Lifecycle.PROSPECT, Lifecycle.CLIENT, Lifecycle.CLOSED]),
        "recorded_on": DAYS,
        "known_on": DAYS,
        "last_contact_on": st.none() | DAYS,
        "segment": st.sampled_from(["prospect", "private", "small_conservative"]),
        "served": st.booleans(),
    }
)
EVENTS = st.sampled_from(
    [
        "skip",
        "done",
        "snooze",
        "contact",
        "leave",
        "close",
        "every",
        "window",
        "none",
        "occasion",
        "expire",
        "away",
        "by_hand",
        "before",
    ]
)
GAP = 5


def recorded(person: dict[str, Any], manager: Employee) -> Client:
    day = person["recorded_on"]
    client = ClientFactory(
        manager=manager,
        segment=Segment.objects.get(key=person["segment"]),
        segment_since=person["known_on"],
        lifecycle=person["lifecycle"],
        recorded_on=day,
        opened_on=None if person["lifecycle"] == Lifecycle.PROSPECT else day,
        last_contact_on=person["last_contact_on"],
    )
    Client.objects.filter(pk=client.pk).update(
        created_at=datetime.combine(person["known_on"], NOW.timetz()),
        manager=manager if person["served"] else None,
    )
    return client


def happen(event: str, client: Client, colleague: Employee) -> None:
    """Change the state as the services do, without planning."""
    open_rows = Callback.objects.filter(client=client, status="open")
    plans = CallbackPlan.objects.filter(segment=client.segment)
    row = Client.objects.filter(pk=client.pk)
    if event == "skip":
        open_rows.update(status="cancelled", cancelled_because="person")
    elif event in {"done", "contact"}:
        if event == "done":
            open_rows.update(status="done", done_at=NOW, done_on=TODAY)
        row.update(last_contact_on=TODAY)
    elif event == "snooze":
        until = date(2026, 7, 1)
        open_rows.filter(hard_limit_on=None).update(
            due_on=until, window_end=until, is_placed=True, over_capacity=False
        )
    elif event == "leave":
        row.update(manager=colleague)
    elif event == "close":
        row.update(lifecycle=Lifecycle.CLOSED)
    elif event == "every":
        plans.update(every=20, unit="day")
    elif event == "window":
        plans.update(window_days=1)
    elif event == "before":
        plans.update(shift="before")
    elif event == "occasion":
        key = str(uuid.uuid4())
        Occasion.objects.create(client=client, kind="custody", happened_on=TODAY, source_key=key)
    elif event == "expire":
        row.update(risk_grade="C2", risk_expires_on=TODAY + timedelta(days=33))
    elif event == "by_hand":
        CallbackFactory(client=client, due_on=TODAY + timedelta(days=5))
    elif event == "away":
        absent = Client.objects.get(pk=client.pk).manager
        if absent is not None and absent != colleague:
            Absence.objects.get_or_create(
                employee=absent,
                substitute=colleague,
                entered_by=colleague,
                reason="x",
                starts_on=TODAY,
                ends_on=TODAY + timedelta(days=9),
            )
    else:
        plans.update(every=None)


def check_rules() -> None:
    rows = list(Callback.objects.filter(status="open").select_related("client"))
    cadences = Counter(row.client_id for row in rows if row.kind == "cadence")
    assert max(cadences.values(), default=1) == 1
    load = Counter((row.employee_id, row.due_on) for row in rows)
    away = set(Absence.objects.values_list("employee", "substitute"))
    days: dict[int, list[date]] = {}
    for row in rows:
        manager = row.client.manager_id
        assert row.employee_id == manager or (manager, row.employee_id) in away
        if row.kind not in BY_HAND and not row.is_placed:
            days.setdefault(row.client_id, []).append(row.due_on)
        assert row.client.lifecycle != Lifecycle.CLOSED
        if row.kind in BY_HAND or row.is_placed:
            continue
        assert is_trading_day(row.due_on)
        assert row.earliest_on <= row.due_on <= row.window_end
        assert row.hard_limit_on is None or row.due_on <= row.hard_limit_on
        if row.employee_id and load[row.employee_id, row.due_on] > CAPACITY:
            same = [r for r in rows if (r.employee_id, r.due_on) == (row.employee_id, row.due_on)]
            assert any(r.over_capacity or r.is_placed or r.kind == "manual" for r in same)

    for found in days.values():
        # Two contacts of one client that the planner places keep their distance.
        assert all((b - a).days > GAP for a, b in pairwise(sorted(found)))
    for row in Callback.objects.filter(status="merged").select_related("merged_into"):
        assert row.merged_into is not None
        assert (row.merged_into.status, row.merged_into.client_id) == ("open", row.client_id)
        assert row.kind in row.merged_into.also


def everything() -> list[Any]:
    return list(Callback.objects.order_by("pk").values())


def days_of(rows: list[Any]) -> dict[int, date]:
    return {row["id"]: row["due_on"] for row in rows}


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    people=st.lists(PEOPLE, min_size=1, max_size=6),
    events=st.lists(st.tuples(EVENTS, st.integers(0, 5)), max_size=5),
    late=st.integers(0, 40),
)
@example(
    # Overdue seven days later, the first call is within reach of the regular one.
    people=[
        {
            "lifecycle": Lifecycle.CLIENT,
            "recorded_on": date(2026, 4, 1),
            "known_on": date(2024, 1, 1),
            "last_contact_on": None,
            "segment": "small_conservative",
            "served": False,
        }
    ],
    events=[],
    late=7,
)
def test_it_settles_in_one_run_whatever_happened(
    manager: Employee,
    colleague: Employee,
    people: list[dict[str, Any]],
    events: list[tuple[str, int]],
    late: int,
) -> None:
    with transaction.atomic(), time_machine.travel(NOW, tick=False) as clock:
        Policy.objects.filter(key="callback_daily_capacity").update(value=CAPACITY)
        clients = [recorded(person, manager) for person in people]
        CallbackFactory(client=clients[0], due_on=TODAY)
        plan_callbacks()
        check_rules()
        for event, number in events:
            happen(event, clients[number % len(clients)], colleague)
            plan_callbacks()
            check_rules()
        settled = everything()
        assert plan_callbacks().changed == 0
        for client in clients:
            assert plan_callbacks(clients=[client.pk]).changed == 0
        clock.shift(timedelta(days=late))
        # Whoever came back makes the calls again; what is overdue by now is one contact with what
        # comes near. Where nobody was away, no day changes by that.
        plan_callbacks()
        if not events:
            assert days_of(everything()) == days_of(settled)
        settled = everything()
        assert plan_callbacks().changed == 0
        assert everything() == settled
        transaction.set_rollback(True)


# What happens to one client, and to everybody.
OWN = (
    "skip",
    "done",
    "snooze",
    "contact",
    "leave",
    "close",
    "occasion",
    "expire",
    "by_hand",
    "refuse",
    "birthday",
    "merge",
)
FIRM = ("every", "window", "before", "none", "away", "holiday", "share")
STATES = {
    "people": st.lists(PEOPLE, min_size=1, max_size=6),
    "events": st.lists(st.tuples(st.sampled_from(OWN + FIRM), st.integers(0, 5)), max_size=6),
}
EXAMPLES = settings(
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def befall(event: str, client: Client, others: list[Client], colleague: Employee) -> None:
    """``happen``, and what it does not know: wishes, birthdays, merged clients, holidays, shares."""
    row = Client.objects.filter(pk=client.pk)
    if event == "refuse":
        row.update(calls_refused=True)
    elif event == "birthday":
        row.update(birthday=date(1980, 6, 20))
    elif event == "merge":
        keys = [other.pk for other in others if other.pk != client.pk]
        survivor = Client.objects.filter(pk__in=keys, merged_into=None).order_by("pk").first()
        if survivor is not None and not Client.objects.filter(merged_into=client).exists():
            row.update(merged_into=survivor)
    elif event == "holiday":
        for number in range(9):
            day = TODAY + timedelta(days=number)
            closed = {"is_trading_day": False, "is_workday": False, "name": "Closed"}
            Holiday.objects.update_or_create(day=day, defaults=closed)
    elif event == "share":
        CallbackPlan.objects.filter(segment=client.segment).update(daily_capacity=1)
    else:
        happen(event, client, colleague)


def planned(plan: Callable[[], Any], *, without: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The callbacks that ``plan`` leaves, however they are numbered; it is undone."""
    point = transaction.savepoint()
    plan()
    rows = Callback.objects.order_by("client", "kind", "occurrence").select_related("merged_into")
    left_out = {"id", "public_id", "created_at", "merged_into_id", *without}
    fields = [f.attname for f in Callback._meta.concrete_fields if f.attname not in left_out]
    found = []
    for row in rows:
        lead = row.merged_into
        joined = lead and (lead.client_id, lead.kind, lead.occurrence)
        found.append({name: getattr(row, name) for name in fields} | {"joined": joined})
    transaction.savepoint_rollback(point)
    return found


def prepare(
    people: list[dict[str, Any]],
    events: list[tuple[str, int]],
    manager: Employee,
    colleague: Employee,
    *,
    settled: bool,
    capacity: int = CAPACITY,
) -> list[Client]:
    """Clients to whom ``events`` happened after they were planned; ``settled``: planned again."""
    Policy.objects.filter(key="callback_daily_capacity").update(value=capacity)
    clients = [recorded(person, manager) for person in people]
    CallbackFactory(client=clients[0], due_on=TODAY)
    plan_callbacks()
    for event, number in events:
        befall(event, clients[number % len(clients)], clients, colleague)
    if settled:
        plan_callbacks()
    return clients


@EXAMPLES
@given(**STATES)
def test_it_finds_the_same_in_one_query_as_in_tables(
    manager: Employee,
    colleague: Employee,
    people: list[dict[str, Any]],
    events: list[tuple[str, int]],
) -> None:
    with transaction.atomic(), time_machine.travel(NOW, tick=False):
        clients = prepare(people, events, manager, colleague, settled=False)
        keys = [client.pk for client in clients]
        assert len(keys) <= planner.FEW
        assert planned(lambda: plan_callbacks(clients=keys)) == planned(plan_callbacks)
        transaction.set_rollback(True)


@EXAMPLES
@given(**STATES, event=st.sampled_from(OWN), number=st.integers(0, 5))
def test_it_plans_one_client_as_with_the_firm_when_only_they_changed(
    manager: Employee,
    colleague: Employee,
    people: list[dict[str, Any]],
    events: list[tuple[str, int]],
    event: str,
    number: int,
) -> None:
    """Days are short of room: what was placed before keeps its day in both."""
    with transaction.atomic(), time_machine.travel(NOW, tick=False):
        clients = prepare(people, events, manager, colleague, settled=True)
        client = clients[number % len(clients)]
        befall(event, client, clients, colleague)
        client.refresh_from_db()
        keys = [key for key in (client.pk, client.merged_into_id) if key]
        assert planned(lambda: plan_callbacks(clients=keys)) == planned(plan_callbacks)
        transaction.set_rollback(True)


@EXAMPLES
@given(**STATES, roomy=st.booleans())
def test_it_plans_each_client_alone_as_with_the_firm_but_for_the_day_where_days_are_full(
    manager: Employee,
    colleague: Employee,
    people: list[dict[str, Any]],
    events: list[tuple[str, int]],
    roomy: bool,
) -> None:
    """Alone, a client takes what room is left; in the firm those of a higher tier come first."""
    with transaction.atomic(), time_machine.travel(NOW, tick=False):
        if roomy:
            events = [(event, number) for event, number in events if event != "share"]
        clients = prepare(
            people, events, manager, colleague, settled=False, capacity=100 if roomy else CAPACITY
        )
        day = () if roomy else ("due_on", "over_capacity")

        def alone() -> None:
            for client in clients:
                before = dict(Callback.objects.values_list("pk", "due_on"))
                plan_callbacks(clients=[client.pk])
                check_days(client, before)

        assert planned(alone, without=day) == planned(plan_callbacks, without=day)
        transaction.set_rollback(True)


def check_days(client: Client, before: dict[int, date]) -> None:
    """What was placed just now has the first day of its window that had room and is worked.

    Where none has, it has the last one that is worked, marked; nobody there at all, the last one.
    """
    capacity = int(Policy.objects.number("callback_daily_capacity", on=TODAY, default=20))
    shares = dict(CallbackPlan.objects.valid_on(TODAY).values_list("segment", "daily_capacity"))
    rows = list(Callback.objects.filter(status__in=["open", "done"]).select_related("client"))
    absences = list(Absence.objects.values_list("employee", "starts_on", "ends_on"))
    placed = [
        row
        for row in rows
        if row.client_id == client.pk and row.status == "open" and row.kind not in BY_HAND
        if not row.is_placed and row.employee_id and before.get(row.pk) != row.due_on
    ]
    for row in placed:
        others = [r for r in rows if r.employee_id == row.employee_id and r != row]
        share = shares.get(row.client.segment_id)

        def has_room(day: date, others: list[Callback] = others, share: int | None = share) -> bool:
            same = [r for r in others if r.due_on == day]
            own = [r for r in same if r.client.segment_id == client.segment_id]
            return len(same) < capacity and (not share or len(own) < share)

        days = between(row.earliest_on, max(row.earliest_on, row.window_end))
        there = [
            day
            for day in days
            if not any(e == row.employee_id and a <= day <= b for e, a, b in absences)
        ]
        free = [day for day in there if has_room(day)]
        expected = free[0] if free else (there or days)[-1]
        assert (row.due_on, row.over_capacity) == (expected, not free)
