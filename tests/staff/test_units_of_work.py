"""Every unit of work names whom it works for, the system's own too (docs/access.md)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from clients.models import Client, Segment
from clients.segments import classification
from crm.trading_days import today
from staff.middleware import name_employee, system_work
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory
from visits.models import Digest, Reminder, VisitDraft
from visits.notifications import digests, reminders
from visits.planning import nightly
from visits.planning.planner import plan_callbacks

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = date(2026, 3, 9)
NAMED = "SELECT current_setting('crm.employee_id', true)"


def _remind(segment: Segment) -> None:
    reminders.start_due_runs()
    reminders.remind(segment_id=segment.pk, day=today())


WORK: dict[str, Callable[[Segment], Any]] = {
    "planning": lambda segment: plan_callbacks(),
    "nightly planning": lambda segment: nightly.plan(segment_id=segment.pk, day=today()),
    "start of planning": lambda segment: nightly.start_due_runs(),
    "planning again": lambda segment: nightly.stale_runs(),
    "start of reminding": lambda segment: reminders.start_due_runs(),
    "reminding": _remind,
    "reminding again": lambda segment: reminders.stale_runs(),
    "sealing": lambda segment: reminders.seal(),
    "claiming": lambda segment: digests.claim(),
    "classifying": lambda segment: classification.classify(),
    "classifying at night": lambda segment: classification.classify_nightly(),
}


def named() -> str:
    """Whom the transaction works for, asked past every wrapper; "" for nobody."""
    with connection.connection.cursor() as cursor:
        cursor.execute(NAMED)
        return cursor.fetchone()[0] or ""


@pytest.mark.parametrize("work", WORK)
def test_the_systems_work_says_that_it_is_the_systems(
    work: str, zhang: Client, manager: Employee
) -> None:
    found: list[tuple[str, str]] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if any(f"{verb} {of}" in sql for verb, of in TABLES):
            found.append((named(), sql))
        return result

    assert zhang.segment
    with time_machine.travel(f"{MONDAY}T09:00:00+08:00", tick=True):
        CallbackFactory(client=zhang, employee=manager, due_on=today() - timedelta(days=1))
        with connection.execute_wrapper(listen):
            WORK[work](zhang.segment)
    assert found
    assert [sql for name, sql in found if name != "0"] == []


TABLES = [
    (verb, name)
    for verb in ("INSERT INTO", "UPDATE", "DELETE FROM")
    for table in ("visits_planningrun", "visits_callback", "visits_reminder", "visits_digest")
    for name in (table, f'"{table}')
] + [("UPDATE", "clients_client"), ("INSERT INTO", "clients_segmentchange")]


def test_within_the_work_of_an_employee_it_stays_theirs(manager: Employee) -> None:
    with transaction.atomic():
        name_employee(manager)
        with system_work():
            assert named() == str(manager.pk)
    with system_work():
        assert named() == "0"


def test_what_was_reminded_of_is_there(zhang: Client, manager: Employee) -> None:
    """The work above has something to do."""
    assert zhang.segment
    with time_machine.travel(f"{MONDAY}T09:00:00+08:00", tick=True):
        CallbackFactory(client=zhang, employee=manager, due_on=today() - timedelta(days=1))
        _remind(zhang.segment)
        assert Reminder.objects.exists()
        reminders.seal(timezone.now() + reminders.SEAL_AFTER)
        assert digests.claim()
    assert Digest.objects.filter(status=Digest.Status.LEASED).exists()


def test_a_nul_within_json_is_the_senders_mistake(
    zhang: Client, manager: Employee, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a view lets through: PostgreSQL refuses it within JSON, and nothing is kept."""
    url = f"{CallbackFactory(client=zhang).get_absolute_url()}draft/"
    told = {"notes": ["a\x00b"]}
    monkeypatch.setattr("visits.contacts.drafts.content_of", lambda posted: told)
    answer = browse(manager).post(url, {"notes": "x"})
    assert (answer.status_code, "重新输入" in answer.content.decode()) == (400, True)
    assert not VisitDraft.objects.exists()
    told["notes"] = ["ab"]
    assert browse(manager).post(url, {"notes": "x"}).status_code == 200
