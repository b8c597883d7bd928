"""The access rule stands once: what statements over many employees ask equals ``visible_to``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.db import connection, transaction
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients.models import Assignment, Client
from clients.querysets import changed_sql, seen_sql
from crm.trading_days import today
from staff.models import OWNERS, Branch, Employee, Role
from tests.factories import CallbackFactory, ClientFactory, EmployeeFactory
from visits.models import Callback
from visits.querysets import visible_sql

pytestmark = pytest.mark.django_db

_CLIENTS = """
SELECT e.id, c.id FROM staff_employee e CROSS JOIN clients_client c
WHERE c.merged_into_id IS NULL AND {rule}
"""
_CALLBACKS = """
SELECT e.id, k.id FROM staff_employee e CROSS JOIN visits_callback k
JOIN clients_client c ON c.id = k.client_id WHERE {rule}
"""
STATES = st.fixed_dictionaries(
    {
        "is_active": st.booleans(),
        "is_superuser": st.sampled_from([False, False, True]),
        "covers": st.lists(st.integers(0, 20), max_size=3),
        "until": st.one_of(st.none(), st.integers(-1, 1)),
        "place": st.integers(0, 3),
    }
)


def pairs(statement: str, rule: str) -> set[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(rule=rule), {"today": today()})
        return set(cursor.fetchall())


@pytest.fixture
def firm(head_office: Branch, company: Branch, branch: Branch, other_branch: Branch) -> list[Any]:
    """Somebody of every role in two branches, and clients of theirs with callbacks."""
    places = [head_office, company, branch, other_branch]
    people = [
        EmployeeFactory(role=role, branch=place)
        for role in Role.values
        for place in (branch, other_branch)
    ]
    owners = [person for person in people if person.role in OWNERS]
    for number, owner in enumerate(owners):
        client = ClientFactory(manager=owner, branch=places[number % 4])
        CallbackFactory(client=client, employee=owner, confidential=number % 3 == 0)
        CallbackFactory(client=client, employee=None, confidential=True)
    unserved = ClientFactory(branch=branch)
    Client.objects.filter(pk=unserved.pk).update(manager=None)
    CallbackFactory(client=unserved, employee=None, confidential=True)
    # Heads who served somebody once.
    for person in people:
        if person.role in OWNERS:
            Assignment.objects.create(
                client=unserved,
                employee=person,
                kind=Assignment.Kind.DEVELOPED,
                valid_from=today() - timedelta(days=9),
                valid_to=today() - timedelta(days=8),
            )
            break
    # The database moves nobody who serves clients; the rule reads the column of the client.
    Assignment.objects.filter(valid_to=None).update(valid_to=today())
    return [people, places]


@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(states=st.lists(STATES, min_size=14, max_size=14))
def test_it_asks_the_same_of_many_as_of_one(firm: list[Any], states: list[dict[str, Any]]) -> None:
    people, places = firm
    savepoint = transaction.savepoint()
    for person, state in zip(people, states, strict=True):
        until = state["until"]
        Employee.objects.filter(pk=person.pk).update(
            is_active=state["is_active"],
            is_superuser=state["is_superuser"],
            branch=places[state["place"]],
            covers=[people[n % len(people)].pk for n in state["covers"]],
            covers_until=None if until is None else today() + timedelta(days=until),
        )
    now = list(Employee.objects.all())

    def told(rows: Callable[[Employee], QuerySet[Any]]) -> set[tuple[int, int]]:
        return {(who.pk, pk) for who in now for pk in rows(who).values_list("pk", flat=True)}

    day = "%(today)s"
    assert pairs(_CLIENTS, seen_sql(today=day)) == told(Client.objects.visible_to)
    assert pairs(_CLIENTS, changed_sql(today=day)) == told(Client.objects.editable_by)
    assert pairs(_CALLBACKS, visible_sql("k", today=day)) == told(Callback.objects.visible_to)
    transaction.savepoint_rollback(savepoint)


def test_no_statement_words_the_rule_anew() -> None:
    """Deputies and heads appear in the rule alone."""
    for room in ("visits", "pipeline", "dashboards"):
        for path in Path(project.BASE_DIR, room).rglob("*.py"):
            if "migrations" not in path.parts:
                assert ".covers_until" not in path.read_text(), path
