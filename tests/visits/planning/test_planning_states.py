"""Planning from any state: whatever happened before, it settles in one run and keeps its rules."""

import uuid
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients.models import Client, Lifecycle, Segment
from crm.trading_days import is_trading_day
from staff.models import Absence, Employee, Policy
from tests.cast import ORDINARY_DAY as NOW
from tests.factories import CallbackFactory, ClientFactory
from visits.models import BY_HAND, Callback, CallbackPlan, Occasion
from visits.planning.planner import plan_callbacks

pytestmark = pytest.mark.django_db
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
        *("skip", "done", "snooze", "contact", "leave", "close", "every", "window", "none"),
        *("occasion", "expire", "away", "by_hand", "before"),
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
        if events:
            # Whoever came back makes the calls again; what is overdue by now is one contact.
            plan_callbacks()
            settled = everything()
        assert plan_callbacks().changed == 0
        assert everything() == settled
        transaction.set_rollback(True)
