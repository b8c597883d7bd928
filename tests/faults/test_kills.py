"""At least a hundred kills over ten thousand reminders: none lost, and doubled only e-mails whose
sender was killed between sending and noting it."""

import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connections
from django.db.models import Count, Q

from clients.models import Client, Segment
from crm.trading_days import today
from staff.models import Branch, Employee, Notification
from tests.faults.conftest import Mailbox
from visits.models import Callback, Digest, Reminder, ReminderRun
from visits.notifications import digests, reminders

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
EMPLOYEES, EACH, KILLS = 1000, 5, 120
INHERITED: list[object] = []
NOON = datetime(2026, 6, 10, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    """Far from midnight, after which the run of the day before is over."""
    with time_machine.travel(NOON, tick=True):
        yield


@pytest.fixture
def work(branch: Branch, segment: Segment) -> ReminderRun:
    """5,000 callbacks of 1,000 employees, to be reminded of in the app and by e-mail."""
    people = Employee.objects.bulk_create(
        Employee(username=f"e{n}", full_name=f"员工{n}", branch=branch, email=f"e{n}@example.com")
        for n in range(EMPLOYEES)
    )
    clients = Client.objects.bulk_create(
        Client(
            name=f"客户{n}",
            lifecycle="client",
            manager=person,
            branch=branch,
            segment=segment,
            recorded_on=today(),
            opened_on=today(),
            segment_since=today(),
        )
        for n, person in enumerate(people)
    )
    Callback.objects.bulk_create(
        Callback(
            client=client,
            employee=client.manager,
            kind="manual",
            occurrence=f"manual:{n}",
            anchor_on=today(),
            ideal_on=today(),
            earliest_on=today(),
            due_on=today(),
            window_end=today(),
        )
        for client in clients
        for n in range(EACH)
    )
    return ReminderRun.objects.create(
        segment=segment, day=today(), slot="08:30", sent_at="2026-01-01T00:00Z"
    )


def worker(work: object) -> int:
    """A process of its own that does ``work``; its number."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        # Sessions of the parent are not the child's to use; kept, so that nothing closes them.
        for connection in connections.all():
            INHERITED.append(connection.connection)
            connection.connection = None
            with connection.cursor() as cursor:
                # The server notices at once that its client was killed, whatever it is doing.
                cursor.execute("SET client_connection_check_interval = '50ms'")
        try:
            work()  # type: ignore[operator]
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    return pid


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for pid in pids:
        os.waitpid(pid, 0)


def counts() -> tuple[int, dict[str, int]]:
    """How many reminders there are, and how many in each state."""
    states = Reminder.objects.order_by().values_list("status").annotate(n=Count("pk"))
    found = dict(states)
    return sum(found.values()), found


def unsent() -> int:
    return Digest.objects.exclude(status="sent").count()


def wait_for_some(left: int, kills: int, *, seconds: float) -> None:
    """Wait, but no longer than until a fair share is sent: a fast machine is not done too early."""
    share = left // (max(0, KILLS - kills) // 2 + 2)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(0.01)
        if kills < KILLS and unsent() < left - share:
            return


def test_it_loses_no_reminder_over_a_hundred_kills(work: ReminderRun, mailbox: Mailbox) -> None:
    chance = random.Random(4)
    for _ in range(10):  # in the middle of writing the reminders
        writer = worker(lambda: reminders.remind(segment_id=work.segment_id, day=work.day))
        time.sleep(chance.uniform(0.02, 0.4))
        kill(writer)
    reminders.remind(segment_id=work.segment_id, day=work.day)
    assert counts() == (2 * EMPLOYEES * EACH, {"waiting": 2 * EMPLOYEES * EACH})
    reminders.seal()
    # No digest is given up here: this test kills far more often than a lease lasts.
    Digest.objects.update(attempts_allowed=10_000)
    kills, pause = 10, 0.1
    while (left := unsent()) or kills < KILLS:
        assert left, f"all was sent after {kills} kills: make the work longer"
        pair = [worker(digests.deliver), worker(digests.deliver)]
        wait_for_some(left, kills, seconds=chance.uniform(0.05, pause))
        kill(*pair)
        kills += len(pair)
        Digest.objects.filter(status="leased").update(leased_until="2026-01-01T00:00Z")
        assert counts()[0] == 2 * EMPLOYEES * EACH
        # Enough kills in the thick of it; the rest may have more time each.
        pause = 0.25 if kills < KILLS else pause * 1.1
    assert counts() == (2 * EMPLOYEES * EACH, {"sent": 2 * EMPLOYEES * EACH})
    lines = Notification.objects.values_list("employee").annotate(n=Count("pk"))
    assert Counter(n for _, n in lines) == {1: EMPLOYEES}
    mails = Counter(mailbox.keys())
    assert len(mails) == EMPLOYEES
    doubled = sum(mails.values()) - EMPLOYEES
    told = f"\n{kills} kills, {2 * EMPLOYEES * EACH} reminders: 0 lost, {doubled} e-mails doubled\n"
    sys.stdout.write(told)
    assert doubled <= kills
    mixed = Q(status="sent") & ~Q(digest__status="sent")
    assert not Reminder.objects.filter(mixed).exists()
