"""Real beats and workers at a time of our choosing, through what goes wrong in a machine room."""

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import psutil
import pytest
from django.db import connection

from clients.models import Client, Segment
from crm.embedded import redis
from crm.models import Heartbeat
from crm.trading_days import today
from staff.models import Notification
from tests.database import CrmProcess, _end_other_sessions, _test_name
from tests.factories import CallbackFactory
from tests.faults.conftest import Mailbox
from tests.faults.test_workers import in_threads
from visits import nightly, talk
from visits.models import Callback, CallbackPlan, Digest, PlanningRun, Reminder, ReminderRun

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WEDNESDAY = date(2026, 6, 10)
# Beat ticks at the full minute, some seconds after everybody is ready.
MORNING = "2026-06-10T08:59:46+08:00"
CELERY = ("tests.faults.at", MORNING, "celery", "-A", "crm")
WORKER = (
    *(*CELERY, "worker", "--queues", "celery,outside", "--concurrency", "2"),
    *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
)
BEAT = (*CELERY, "beat", "--scheduler", "celery.beat:Scheduler", "--loglevel", "INFO")


def wait(condition: Callable[[], bool], seconds: float = 100) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def beat(crm_process: CrmProcess, tmp_path: Path, number: int, **environment: str) -> None:
    schedule = tmp_path / f"beat-{number}"
    crm_process(
        *(*BEAT, "--schedule", str(schedule), "--pidfile", f"{schedule}.pid"),
        until=b"beat: Starting",
        **environment,
    )


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[Callable[[], str]]:
    """A Redis of this test's own: each call kills it and starts it empty."""
    running: list[subprocess.Popen[bytes]] = []
    sock = tmp_path / "r.sock"

    def start() -> str:
        for process in running:
            process.kill()
            process.wait()
        program = str(redis._redis_program())
        command = [program, "--port", "0", "--unixsocket", str(sock), "--save", ""]
        running[:] = [subprocess.Popen([*command, "--dir", str(tmp_path)], stdout=-3)]
        wait(sock.exists, 10)
        return f"redis+socket://{sock}?virtual_host=0"

    yield start
    for process in running:
        process.kill()
        process.wait()


def everything_sent() -> bool:
    return Digest.objects.exists() and not Digest.objects.exclude(status="sent").exists()


def take_up_what_died(seconds: float = 180) -> None:
    """Say that the minutes are over after which work that died is handed out again."""
    long_ago = "2026-06-09T00:00Z"
    deadline = time.monotonic() + seconds
    while not everything_sent():
        assert time.monotonic() < deadline, "it was not taken up again"
        ReminderRun.objects.filter(finished_at=None).update(sent_at=long_ago)
        Digest.objects.filter(status="leased").update(leased_until=long_ago)
        time.sleep(5)


def assert_reminded_once(client: Client, callbacks: int) -> None:
    assert Notification.objects.filter(employee=client.manager, kind="digest").count() == 1
    own = Reminder.objects.filter(employee=client.manager, channel="in_app")
    assert Counter(own.values_list("status", flat=True)) == {"sent": callbacks}


def test_beat_was_down_for_three_days_then_two_beats_and_four_workers_come(
    zhang: Client, crm_process: CrmProcess, tmp_path: Path, redis_url: Callable[[], str],
    mailbox: Mailbox,
) -> None:  # fmt: skip
    for day in (5, 8, 9, 10):
        CallbackFactory(client=zhang, due_on=date(2026, 6, day))
    ReminderRun.objects.create(
        segment=zhang.segment, day=date(2026, 6, 4), slot="08:30",
        sent_at="2026-06-04T01:00Z", finished_at="2026-06-04T01:00Z",
    )  # fmt: skip
    ReminderRun.objects.update(started_at="2026-06-04T01:00Z")
    url = redis_url()
    mail = {"EMAIL_URL": f"filemail:///{mailbox.directory}", "REDIS_URL": url}
    for _ in range(2):
        crm_process(*WORKER, until=b" ready.", **mail)
    for number in range(2):
        beat(crm_process, tmp_path, number, **mail)
    wait(
        lambda: (
            PlanningRun.objects.filter(finished_at=None).count() == 0 < PlanningRun.objects.count()
        )
    )
    wait(everything_sent)
    time.sleep(2)  # whatever would be doubled comes now
    assert_reminded_once(zhang, Reminder.objects.filter(channel="in_app").count())
    assert Reminder.objects.filter(channel="in_app", lead_days=0).count() >= 4
    assert len(mailbox.keys()) == Digest.objects.filter(channel="email").count() == 1
    runs = ReminderRun.objects.filter(day=WEDNESDAY).values_list("segment", flat=True)
    assert max(Counter(runs).values()) == 1
    assert PlanningRun.objects.count() == Segment.objects.count()
    cadence = Callback.objects.filter(kind="cadence", status="open")
    assert cadence.count() == cadence.values("client").distinct().count()
    assert (
        Heartbeat.objects.filter(name__in=["beat", "worker", "planning", "dispatch"]).count() == 4
    )


def test_redis_comes_back_empty(
    zhang: Client, crm_process: CrmProcess, tmp_path: Path, redis_url: Callable[[], str]
) -> None:
    CallbackFactory(client=zhang, due_on=WEDNESDAY)
    environment = {"REDIS_URL": redis_url(), "EMAIL_URL": "dummymail://"}
    crm_process(*WORKER, until=b" ready.", **environment)
    beat(crm_process, tmp_path, 0, **environment)
    redis_url()
    wait(everything_sent)
    assert_reminded_once(zhang, Reminder.objects.filter(channel="in_app").count())


def test_the_database_comes_back(
    zhang: Client, crm_process: CrmProcess, tmp_path: Path, redis_url: Callable[[], str]
) -> None:
    """Its sessions end as they do when the server restarts, several times while work goes on."""
    CallbackFactory(client=zhang, due_on=WEDNESDAY)
    environment = {"REDIS_URL": redis_url(), "EMAIL_URL": "dummymail://"}
    environment["DATABASE_CONN_MAX_AGE"] = "600"
    crm_process(*WORKER, until=b" ready.", **environment)
    beat(crm_process, tmp_path, 0, **environment)
    for _ in range(5):
        name = _test_name()
        connection.close()
        _end_other_sessions(name)
        time.sleep(2)
    wait(ReminderRun.objects.exists)
    take_up_what_died()
    assert_reminded_once(zhang, Reminder.objects.filter(channel="in_app").count())


def test_a_worker_killed_whole_is_replaced_by_another(
    zhang: Client, crm_process: CrmProcess, tmp_path: Path, redis_url: Callable[[], str]
) -> None:
    CallbackFactory(client=zhang, due_on=WEDNESDAY)
    environment = {"REDIS_URL": redis_url(), "EMAIL_URL": "dummymail://"}
    victim = crm_process(*WORKER, until=b" ready.", **environment)
    beat(crm_process, tmp_path, 0, **environment)
    wait(Reminder.objects.exists)
    for process in [*psutil.Process(victim.pid).children(recursive=True), victim]:
        os.kill(process.pid, signal.SIGKILL)
    victim.wait()
    crm_process(*WORKER, until=b" ready.", **environment)
    take_up_what_died()
    assert_reminded_once(zhang, Reminder.objects.filter(channel="in_app").count())


def test_a_plan_edited_during_planning_doubles_and_loses_nothing(zhang: Client) -> None:
    day = today()
    every = iter(range(30, 70, 10))

    def plan_and_edit() -> object:
        values = {name: getattr(in_force, name) for name in talk.PLAN_COLUMNS}
        talk.change_plan(segment=segment, values={**values, "every": next(every), "unit": "day"})
        return nightly.plan(segment_id=segment.pk, day=day)

    segment = zhang.segment
    in_force = CallbackPlan.objects.get(segment=segment, valid_to=None)
    in_threads(plan_and_edit)
    nightly.plan(segment_id=segment.pk, day=day)
    callback = Callback.objects.get(client=zhang, kind="cadence")
    plan = CallbackPlan.objects.get(segment=segment, valid_to=None)
    assert callback.ideal_on == callback.anchor_on + timedelta(days=plan.every or 0)
    assert nightly.plan(segment_id=segment.pk, day=day).changed == 0
