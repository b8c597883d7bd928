"""Peak memory of an import and of an export of clients: it must not grow with the file."""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test.utils import override_settings

from bench.process import peak
from bench.writing import FILE
from clients.exporting import services as exporting_services
from clients.models import Client
from crm import jobs
from staff.models import Branch, Employee


def importing(times: int) -> dict[str, Any] | None:
    """Import the real contacts ``times`` over as one file; each row is a client of its own."""
    if not settings.REAL_DATA:
        return None
    head, *rows = (Path(settings.REAL_DATA) / FILE).read_text().splitlines(keepends=True)
    before = Client.objects.count()
    branch = Branch.objects.filter(kind=Branch.Kind.BRANCH).order_by("code").first()
    assert branch
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "contacts.csv"
        with file.open("w") as target:
            target.write(head)
            for _ in range(times):
                target.writelines(rows)
        del rows
        refused = Path(directory) / "errors.csv"
        call_command(
            "import_clients",
            str(file),
            mapping="bank-full",
            branch=branch.code,
            errors=str(refused),
            verbosity=0,
        )
    return {"rows": Client.objects.count() - before, "peak": peak()}


def exporting(format: str) -> dict[str, Any]:
    """Export all clients of the firm, asked for by the head office and approved; undone."""
    asker = Employee.objects.get(username="headoffice")
    other = Employee.objects.get(username="admin")
    with (
        tempfile.TemporaryDirectory() as directory,
        override_settings(MEDIA_ROOT=directory),
        transaction.atomic(),
    ):
        export = exporting_services.ask(
            by=asker,
            query="",
            format=format,
            in_clear=False,
            reason="Benchmark",
            language="zh-hans",
        )
        export = exporting_services.decide(export=export, by=other, approve=True)
        assert export.job
        jobs.run(export.job.pk)
        export.job.refresh_from_db()
        transaction.set_rollback(True)
    return {"rows": export.job.result["rows"], "peak": peak()}


if __name__ == "__main__":
    what, how = sys.argv[1:]
    print(json.dumps(importing(int(how)) if what == "import" else exporting(how)))
