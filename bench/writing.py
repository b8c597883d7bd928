"""Planning and import beside PostgreSQL's own copying of the same rows."""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model

from bench.process import peak
from clients.models import Assignment, Client, Identity, Phone, RiskAssessment, SegmentChange
from crm.statistics import analyze
from staff.models import Branch
from visits.models import Callback, Visit
from visits.planning.planner import plan_callbacks

ROUNDS = int(os.environ.get("BENCH_PLANNING_ROUNDS", "3"))
FILE = "bank-full.csv"
IMPORTED: tuple[type[Model], ...] = (
    Client,
    Phone,
    Identity,
    RiskAssessment,
    Assignment,
    SegmentChange,
    Visit,
)
# Open callbacks that no visit names and nobody decided on: those that planning would make again.
FRESH = """status IN ('open', 'merged')
           AND kind NOT IN ('manual', 'promise', 'appointment', 'compliance') AND NOT EXISTS
           (SELECT FROM visits_visit v WHERE v.callback_id IN
               (visits_callback.id, visits_callback.merged_into_id))
           AND NOT EXISTS (SELECT FROM visits_callbackchange g WHERE g.callback_id IN
               (visits_callback.id, visits_callback.merged_into_id))"""
# What was cancelled after it had joined one of them would hold it back.
_LET_GO = "UPDATE visits_callback SET merged_into_id = NULL WHERE status = 'cancelled'"


def _timed(work: Any) -> float:
    """Seconds of ``work``, its foreign keys checked, and everything undone."""
    point = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM visits_callback WHERE {FRESH}")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        started = time.perf_counter()
        work(cursor)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        seconds = time.perf_counter() - started
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    transaction.savepoint_rollback(point)
    return seconds


def planning() -> dict[str, Any]:
    """Plan all clients anew, and copy the finished rows, into the same table."""
    plan_callbacks()
    analyze(Callback, Client)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LET_GO)
            cursor.execute(
                f"CREATE TEMP TABLE finished AS SELECT * FROM visits_callback WHERE {FRESH}"
            )
            cursor.execute("SELECT count(*) FROM finished")
            rows = cursor.fetchone()[0]
        planned, copied = [], []
        for _ in range(ROUNDS):
            planned.append(_timed(lambda _cursor: plan_callbacks()))
            copied.append(_timed(lambda c: c.execute("INSERT INTO visits_callback TABLE finished")))
        transaction.set_rollback(True)
    times = {"planned": median(planned), "copied": median(copied)}
    return {"rows": rows, "peak": peak()} | times


def importing() -> dict[str, Any]:
    """Import the real contacts, and COPY the rows that this made into the same tables."""
    branch = Branch.objects.filter(kind=Branch.Kind.BRANCH).order_by("code").first()
    assert branch
    last = {model: _last(model) for model in IMPORTED}
    started = time.perf_counter()
    call_command("import_clients", FILE, mapping="bank-full", branch=branch.code)
    imported = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as directory:
        files, rows = {}, 0
        for model in IMPORTED:
            files[model] = Path(directory) / model._meta.db_table
            rows += _copy_out(model, last[model], files[model])
        call_command("load_demo", "--reload", scale="small", verbosity=0)
        copied = _copy_in(files)
    return {"rows": rows, "imported": imported, "copied": copied}


def _last(model: type[Model]) -> int:
    newest = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
    return int(newest or 0)


def _copy_out(model: type[Model], after: int, file: Path) -> int:
    query = f'SELECT * FROM "{model._meta.db_table}" WHERE id > {after}'
    with connection.cursor() as cursor, file.open("w") as target:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT", target)
        return int(cursor.rowcount)


def _copy_in(files: dict[type[Model], Path]) -> float:
    """Seconds to COPY all of it, undone afterwards."""
    with transaction.atomic(), connection.cursor() as cursor:
        started = time.perf_counter()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the fastest way: see demo.bulk.check_keys
        for model, file in files.items():
            with file.open() as source:
                cursor.copy_expert(f'COPY "{model._meta.db_table}" FROM STDIN', source)
        seconds = time.perf_counter() - started
        transaction.set_rollback(True)
    return seconds


if __name__ == "__main__":
    if sys.argv[1] == "importing" and not settings.REAL_DATA:
        print(json.dumps(None))
    else:
        print(json.dumps({"planning": planning, "importing": importing}[sys.argv[1]]()))
