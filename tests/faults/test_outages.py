"""Real beats and workers at a time of our choosing, through what goes wrong in a machine room."""

import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection

from clients.models import Client, Segment, SegmentRule
from clients.segments.classification import classify
from crm.embedded import redis
from crm.models import Heartbeat
from crm.trading_days import today
from staff.models import Employee, Notification
from tests.database import CrmProcess, _end_other_sessions, _test_name
from tests.factories import CallbackFactory, ClientFactory
from tests.faults.conftest import Mailbox, kill_whole, wait
from tests.faults.test_kills import kill, worker
from tests.faults.test_workers import in_threads
from visits.cadence import due_date
from visits.models import Callback, CallbackPlan, Digest, PlanningRun, Reminder, ReminderRun
from visits.planning import nightly
from visits.planning.planner import plan_callbacks
from visits.plans import services as plans

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WEDNESDAY = date(2026, 6, 10)
# Beat ticks at the full minute: where all goes well, some seconds after everybody is ready.
MORNING = "2026-06-10T08:59:46+08:00"
CELERY = ("tests.faults.at", MORNING, "celery", "-A", "crm")
WORKER = (
    *CELERY,
    "worker",
    "--queues",
    "celery,outside",
    "--concurrency",
    "2",
    "--without-gossip",
    "--without-mingle",
    "--loglevel",
    "INFO",
)
BEAT = (*CELERY, "beat", "--scheduler", "crm.beat:Scheduler", "--loglevel", "INFO")


def beat(
    crm_process: CrmProcess, tmp_path: Path, number: int, moment: str = MORNING, **environment: str
) -> None:
    schedule = tmp_path / f"beat-{number}"
    crm_process(
        *(moment if part == MORNING else part for part in BEAT),
        "--schedule",
        str(schedule),
        "--pidfile",
        f"{schedule}.pid",
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
        sock.unlink(missing_ok=True)  # there again once the new one listens
        command = [program, "--port", "0", "--unixsocket", str(sock), "--save", ""]
        running[:] = [subprocess.Popen([*command, "--dir", str(tmp_path)], stdout=-3)]
        wait(sock.exists)
        return f"redis+socket://{sock}?virtual_host=0"

    yield start
    for process in running:
        process.kill()
        process.wait()


def everything_sent() -> bool:
    return Digest.objects.exists() and not Digest.objects.exclude(status="sent").exists()


def take_up_what_died() -> None:
    """Say that the minutes are over after which work that died is handed out again.

    Also of those who live and are slow: a digest may be begun any number of times.
    """
    long_ago = "2026-06-09T00:00Z"

    def expire() -> None:
        ReminderRun.objects.filter(finished_at=None).update(sent_at=long_ago)
        leased = Digest.objects.filter(status="leased")
        leased.update(leased_until=long_ago, attempts_allowed=10_000)

    wait(everything_sent, expire)


def assert_reminded_once(client: Client, callbacks: int) -> None:
    assert Notification.objects.filter(employee=client.manager, kind="digest").count() == 1
    own = Reminder.objects.filter(employee=client.manager, channel="in_app")
    assert Counter(own.values_list("status", flat=True)) == {"sent": callbacks}


def test_beat_was_down_for_three_days_then_two_beats_and_four_workers_come(
    zhang: Client,
    crm_process: CrmProcess,
    tmp_path: Path,
    redis_url: Callable[[], str],
    mailbox: Mailbox,
) -> None:
    for day in (5, 8, 9, 10):
        CallbackFactory(client=zhang, due_on=date(2026, 6, day))
    ReminderRun.objects.create(
        segment=zhang.segment,
        day=date(2026, 6, 4),
        slot="08:30",
        sent_at="2026-06-04T01:00Z",
        finished_at="2026-06-04T01:00Z",
    )
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
    parts = Heartbeat.objects.filter(name__in=["beat", "worker", "planning", "dispatch"])
    wait(lambda: parts.count() == 4)


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
    kill_whole(victim)
    crm_process(*WORKER, until=b" ready.", **environment)
    take_up_what_died()
    assert_reminded_once(zhang, Reminder.objects.filter(channel="in_app").count())


def test_a_clock_that_ran_ahead_and_is_set_right_loses_and_doubles_nothing(
    zhang: Client, crm_process: CrmProcess, tmp_path: Path, redis_url: Callable[[], str]
) -> None:
    """Two days ahead, work is begun and its worker killed; then the clock of a running beat jumps."""
    friday = MORNING.replace("-10T", "-12T")
    ahead = CallbackFactory(client=zhang, due_on=WEDNESDAY)
    clock = tmp_path / "clock"
    environment = {"REDIS_URL": redis_url(), "EMAIL_URL": "dummymail://"}
    victim = crm_process(
        *(friday if part == MORNING else part for part in WORKER), until=b" ready.", **environment
    )
    beat(crm_process, tmp_path, 0, friday, SET_CLOCK=str(clock), **environment)
    wait(Reminder.objects.exists)
    kill_whole(victim)
    later = CallbackFactory(client=zhang, due_on=WEDNESDAY)
    crm_process(*WORKER, until=b" ready.", **environment)
    clock.write_text(str(-2 * 24 * 3600))
    own = Reminder.objects.filter(employee=zhang.manager, channel="in_app", escalated=False)
    wait(own.filter(callback=later, status="sent").exists)
    wait(everything_sent)
    for callback in (ahead, later):
        assert [reminder.status for reminder in own.filter(callback=callback)] == ["sent"]
    cadence = Callback.objects.filter(kind="cadence", status="open")
    assert cadence.count() == cadence.values("client").distinct().count()


def test_a_segment_edited_while_another_process_plans_doubles_and_loses_nothing(
    manager: Employee, segment: Segment
) -> None:
    clients = [ClientFactory(manager=manager, segment=segment) for _ in range(12)]
    other = Segment.objects.get(key="private")
    SegmentRule.objects.filter(segment=other).delete()
    rule = SegmentRule.objects.create(segment=other, priority=0, valid_from=date(2026, 1, 1))

    def keep_planning() -> None:
        while True:
            for planned in (segment, other):
                plan_callbacks(segment=planned)

    planner = worker(keep_planning)
    try:
        for edit in range(15):
            # In force and out again: all of them change their segment each time.
            SegmentRule.objects.filter(pk=rule.pk).update(
                valid_to=rule.valid_from if edit % 2 else None
            )
            assert classify() > 0 or edit == 0
            time.sleep(0.1)
    finally:
        kill(planner)
    plan_callbacks()
    for client in clients:
        client.refresh_from_db()
        assert client.segment == other
        row = Callback.objects.get(client=client, kind="cadence")
        plan = CallbackPlan.objects.get(segment=other, valid_to=None)
        assert (row.status, row.plan, plan.unit) == ("open", plan, "day")
        assert row.ideal_on == due_date(row.anchor_on, plan.every or 0, "day")
    assert plan_callbacks().changed == 0


def test_a_plan_edited_during_planning_doubles_and_loses_nothing(zhang: Client) -> None:
    day = today()
    every = iter(range(30, 70, 10))

    def plan_and_edit() -> object:
        values = {name: getattr(in_force, name) for name in plans.PLAN_COLUMNS}
        plans.change_plan(segment=segment, values={**values, "every": next(every), "unit": "day"})
        return nightly.plan(segment_id=segment.pk, day=day)

    segment = zhang.segment
    in_force = CallbackPlan.objects.get(segment=segment, valid_to=None)
    in_threads(plan_and_edit)
    nightly.plan(segment_id=segment.pk, day=day)
    callback = Callback.objects.get(client=zhang, kind="cadence")
    plan = CallbackPlan.objects.get(segment=segment, valid_to=None)
    assert callback.ideal_on == callback.anchor_on + timedelta(days=plan.every or 0)
    assert nightly.plan(segment_id=segment.pk, day=day).changed == 0
