"""What survives when a real worker is killed, and when two beats tick at once."""

import os
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from clients.models import Client, Segment
from crm.trading_days import today
from staff.models import Branch, Notification
from tests.database import CrmProcess
from tests.factories import CallbackFactory, ClientFactory, EmployeeFactory
from tests.faults.conftest import kill_children, wait
from visits.models import Digest, PlanningRun, Reminder, ReminderRun
from visits.notifications import digests, reminders
from visits.notifications.tasks import deliver_digests, remind_segment, sweep
from visits.planning import nightly

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WORKER = ("celery", "-A", "crm", "worker", "--concurrency", "1", "--loglevel", "INFO")


def deliver_again() -> None:
    """Hand out again what the dead held, as the sweep does when leases have run out."""
    Digest.objects.filter(status="leased").update(leased_until=timezone.now())
    deliver_digests.delay()


def started_run(client: Client) -> None:
    long_ago = timezone.now() - timedelta(minutes=10)
    ReminderRun.objects.create(segment=client.segment, day=today(), slot="08:30", sent_at=long_ago)


def test_it_reminds_once_although_the_worker_is_killed(
    zhang: Client, crm_process: CrmProcess
) -> None:
    CallbackFactory(client=zhang)
    started_run(zhang)
    victim: subprocess.Popen[bytes] = crm_process(*WORKER, until=b" ready.")
    remind_segment.delay(zhang.segment_id, today().isoformat())
    wait(lambda: ReminderRun.objects.filter(finished_at__isnull=False).exists())
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    # Whatever the dead one held: leases run out, runs are handed out again.
    crm_process(*WORKER, until=b" ready.")
    for segment_id, day in reminders.stale_runs():
        remind_segment.delay(segment_id, day.isoformat())
    deliver_again()
    wait(lambda: not Digest.objects.exclude(status="sent").exists(), deliver_again)
    assert Notification.objects.filter(employee=zhang.manager).count() == 1
    assert set(Reminder.objects.values_list("status", flat=True)) == {"sent"}


def test_it_needs_no_message_to_survive(zhang: Client, crm_process: CrmProcess) -> None:
    """The broker may lose everything: the rows are enough."""
    CallbackFactory(client=zhang)
    started_run(zhang)
    crm_process(*WORKER, until=b" ready.")
    sweep.delay()
    wait(Notification.objects.filter(employee=zhang.manager).exists)


def test_it_loses_and_doubles_nothing_while_the_pool_is_killed(
    branch: Branch, segment: Segment, crm_process: CrmProcess
) -> None:
    """The processes of a real worker, killed again and again while they deliver."""
    for number in range(60):
        person = EmployeeFactory(branch=branch, email=f"e{number}@example.com")
        CallbackFactory(client=ClientFactory(manager=person, segment=segment))
    started_run(Client.objects.filter(segment=segment)[0])
    reminders.remind(segment_id=segment.pk, day=today())
    reminders.seal()
    # Killed far more often than a lease lasts: nothing is given up here.
    Digest.objects.update(attempts_allowed=1000)
    master = crm_process(*WORKER, until=b" ready.", EMAIL_URL="dummymail://")
    unsent = Digest.objects.exclude(status="sent")
    left = planned = unsent.count()
    assert planned == 120
    for _ in range(8):
        deliver_again()
        wait(lambda: unsent.count() < left, deliver_again)  # noqa: B023
        kill_children(master)
        assert Reminder.objects.count() == planned
        left = unsent.count()
        if not left:
            break
    wait(lambda: not unsent.exists(), deliver_again)
    assert set(Reminder.objects.values_list("status", flat=True)) == {"sent"}
    lines = Notification.objects.values_list("employee").annotate(n=Count("pk"))
    assert [n for _, n in lines] == [1] * 60


def in_threads(work: Callable[[], object]) -> list[object]:
    def run() -> object:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(4)]]


def test_it_starts_each_run_once_under_several_beats() -> None:
    in_threads(nightly_start)
    assert PlanningRun.objects.count() == Segment.objects.count()


def nightly_start() -> object:
    return nightly.start_due_runs(timezone.localtime().replace(hour=4))


def test_it_delivers_each_digest_once_with_several_workers(zhang: Client) -> None:
    CallbackFactory(client=zhang)
    started_run(zhang)
    reminders.remind(segment_id=zhang.segment_id, day=today())
    reminders.seal()
    sent = in_threads(digests.deliver)
    assert sum(int(str(count)) for count in sent) == Digest.objects.count() == 2
    assert Notification.objects.count() == 1
