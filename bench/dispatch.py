"""Dispatch of 10,000 digests by two workers beside as many empty tasks that write one row each."""

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
os.environ["EMAIL_URL"] = "dummymail://"
# A queue apart from what else waits in this home.
QUEUE = "bench"

import django

django.setup()

from django.db import connection, connections
from django.db.models import Max
from django.utils import timezone

from clients.models import Client, Segment
from crm.celery import app
from crm.database_roles import as_owner
from crm.trading_days import today
from staff.models import Branch, Employee, Policy
from visits.models import Callback, Digest, ReminderRun
from visits.notifications import reminders

PROJECT = Path(__file__).resolve().parent.parent
WORKERS = 2


@app.task(name="bench.row", queue=QUEUE)
def row(number: int) -> None:
    """An empty task that writes one row."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_row (number) VALUES (%s)", [number])


@app.task(name="bench.deliver", queue=QUEUE)
def deliver() -> None:
    """The product's own dispatch, in this bench's queue."""
    from visits.notifications import digests as notifications_digests

    notifications_digests.deliver()


def prepare(count: int) -> None:
    """``count`` sealed digests: half in the app, half by e-mail, one callback each."""
    Policy.objects.filter(key__in=["quiet_from", "quiet_to"]).delete()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_row")
        cursor.execute(
            "CREATE TABLE bench_row (id bigserial PRIMARY KEY, number int,"
            " at timestamptz DEFAULT clock_timestamp())"
        )
        cursor.execute("GRANT ALL ON bench_row, bench_row_id_seq TO crm_app")
    branch = Branch.objects.filter(kind=Branch.Kind.BRANCH).order_by("pk")[0]
    token = f"{time.time():.0f}"
    segment = Segment.objects.create(key=f"bench{token}", name_zh="测速")
    day = {"recorded_on": today(), "opened_on": today(), "segment_since": today()}
    people = Employee.objects.bulk_create(
        Employee(
            username=f"b{token}-{n}", full_name=f"员工{n}", branch=branch, email=f"{n}@example.com"
        )
        for n in range(count // 2)
    )
    clients = Client.objects.bulk_create(
        Client(
            name="测速", lifecycle="client", manager=person, branch=branch, segment=segment, **day
        )
        for person in people
    )
    due = dict.fromkeys(("anchor_on", "ideal_on", "earliest_on", "due_on", "window_end"), today())
    Callback.objects.bulk_create(
        Callback(client=c, employee=c.manager, kind="manual", occurrence="manual:bench", **due)
        for c in clients
    )
    long_ago = timezone.now() - timedelta(days=1)
    ReminderRun.objects.create(segment=segment, day=today(), slot="08:30", sent_at=long_ago)
    reminders.remind(segment_id=segment.pk, day=today())
    Digest.objects.filter(sealed_at=None).update(sealed_at=timezone.now())


def workers() -> list["subprocess.Popen[bytes]"]:
    """Two workers of one process each."""
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "bench.dispatch", "worker"]
    options = ["--queues", QUEUE, "--concurrency", "1", "--without-gossip", "--without-mingle"]
    return [
        subprocess.Popen([*command, *options, "--hostname", f"bench{n}@%h"], cwd=PROJECT)
        for n in range(WORKERS)
    ]


def wait(done: Any) -> None:
    deadline = time.monotonic() + 300
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError("The workers did not finish.")
        time.sleep(0.1)


def rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bench_row")
        return int(cursor.fetchone()[0])


def seconds_of_rows(count: int) -> float:
    """From the first row to the last, with all messages lying ready."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXTRACT(epoch FROM max(at) - min(at)) FROM bench_row")
        return float(cursor.fetchone()[0]) * count / max(1, count - 1)


def measure(count: int) -> dict[str, Any]:
    prepare(count)
    for number in range(count):
        row.delay(number)
    running = workers()
    try:
        wait(lambda: rows() >= count)
        waiting = Digest.objects.filter(status__in=["waiting", "leased"])
        digests = waiting.count()
        began = timezone.now()
        for _ in range(WORKERS):
            deliver.delay()
        wait(lambda: not waiting.exists())
        ended = Digest.objects.aggregate(last=Max("sent_at"))["last"]
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=60)
    written = seconds_of_rows(count) * digests / count
    connections.close_all()
    return {"digests": digests, "sent": (ended - began).total_seconds(), "written": written}


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)))
