"""Import of 100,000 monthly figures beside COPY of the rows that it made, and its memory.

The file holds whole months before those of the firm, of its own accounts, so that every row is new. What
is timed is the whole command: reading, reconciling, loading, deriving and classifying. It is undone.
"""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Min

from bench.process import peak
from clients.models import FundAccount, MonthlyFigure
from crm import crypto

ROWS = 100_000
HEADER = "资金账号,月份,数据日期,营业部,期末资产,净流入,成交金额,成交笔数,净佣金\n"


def measured(rows: int = ROWS) -> dict[str, Any]:
    """Seconds of the import and of COPY, and the peak of this process in MB."""
    last = MonthlyFigure.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with tempfile.TemporaryDirectory() as directory:
        file, kept = Path(directory) / "figures.csv", Path(directory) / "rows"
        _write(file, rows)
        with transaction.atomic(), connection.cursor() as cursor:
            started = time.perf_counter()
            with connection.execute_wrapper(_checked_as_committed):
                call_command("import_figures", str(file), mapping="back-office-zh")
            imported = time.perf_counter() - started
            largest = peak()
            with kept.open("w") as target:
                query = f"SELECT * FROM clients_monthlyfigure WHERE id > {last}"
                cursor.copy_expert(f"COPY ({query}) TO STDOUT", target)
                landed = cursor.rowcount
            transaction.set_rollback(True)
        copied = _copy_in(kept)
    return {
        "rows": landed,
        "imported": imported,
        "copied": copied,
        "peak": largest,
    }


def _checked_as_committed(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
    """What is a transaction of its own outside this measurement checks its constraints at its end.

    Left until the end of the measurement, 100,000 checks that wait slow down every trigger that
    comes after them.
    """
    answer = execute(sql, params, many, context)
    if str(sql).startswith("RELEASE SAVEPOINT") and not connection.savepoint_ids:
        with connection.connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return answer


def _write(file: Path, rows: int) -> None:
    """Whole months, backwards from the latest one before those known that is no longer than that."""
    with file.open("w", encoding="utf-8") as target:
        target.write(HEADER)
        for (number, month), place in zip(_places(rows), range(rows), strict=False):
            assets = 20_000 + place * 7919 % 900_000
            cells = (
                f"{assets}.{place % 100:02},{place % 5000},{assets // 9},{place % 9},{place % 90}"
            )
            target.write(f"{number},{month:%Y-%m},,,{cells}\n")


def _places(rows: int) -> Iterator[tuple[str, date]]:
    """Accounts that were open in each month: a list of the back office leaves nobody out."""
    month = MonthlyFigure.objects.aggregate(oldest=Min("month"))["oldest"]
    while FundAccount.objects.filter(opened_on__lt=month).exists():
        after, month = month, date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
        kept = FundAccount.objects.filter(opened_on__lt=after).exclude(closed_on__lt=month)
        if kept.count() <= rows:
            for ciphertext, key in (
                kept.order_by("pk").values_list("ciphertext", "key_id").iterator()
            ):
                yield crypto.decrypt(ciphertext, key), month


def _copy_in(file: Path) -> float:
    with transaction.atomic(), connection.cursor() as cursor, file.open() as source:
        started = time.perf_counter()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.copy_expert("COPY clients_monthlyfigure FROM STDIN", source)
        seconds = time.perf_counter() - started
        transaction.set_rollback(True)
    return seconds


if __name__ == "__main__":
    print(json.dumps(measured(int(os.environ.get("BENCH_FIGURES", ROWS)))))
