"""``manage.py import_clients FILE --mapping MAPPING --branch CODE [--dry-run]``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from clients.importing import mapping as importing_mapping
from clients.importing.load import Loader
from clients.importing.reading import FileRefused
from clients.importing.rows import Reader
from clients.importing.run import FaultFile, Run
from staff.models import Branch

BATCH = 5000


class Command(BaseCommand):
    help = "Import clients from a CSV or XLSX file. Running it again updates."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="CSV or XLSX; also looked for in CRM_REAL_DATA")
        parser.add_argument("--mapping", required=True, help="TOML file, or a shipped name")
        parser.add_argument("--branch", required=True, help="code of the branch")
        parser.add_argument("--errors", help="where the bad rows go (default: here)")
        parser.add_argument("--dry-run", action="store_true", help="check, and write nothing")
        parser.add_argument("--batch", type=int, default=BATCH, help="rows per transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        if not path.exists() and settings.REAL_DATA:
            path = Path(settings.REAL_DATA) / options["file"]
        if options["batch"] < 1:
            raise CommandError("A batch has at least one row.")
        try:
            mapping = importing_mapping.read(options["mapping"])
            branch = Branch.objects.filter(code=options["branch"], is_active=True).first()
            if branch is None:
                raise FileRefused(f"There is no branch {options['branch']}. Give its code.")
            loader = Loader(mapping.source, branch, mapping.client, mapping.round_robin)
            reader = Reader(mapping)
        except FileRefused as error:
            raise CommandError(str(error)) from error
        faults = FaultFile(Path(options["errors"] or f"{path.stem}.errors.csv"))
        dry, batch = options["dry_run"], options["batch"]
        run = Run(path, reader, loader, batch, dry=dry, tell=faults.tell)
        try:
            with faults:
                run.all()
        except FileRefused as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(
                f"The database refused a batch: {str(error).splitlines()[0]}. Those before it are in "
                f"({run.result.created} created); run the import again to complete it."
            ) from error
        self._report(run, faults, dry=dry)

    def _report(self, run: Run, faults: FaultFile, *, dry: bool) -> None:
        done = run.result
        if dry:
            self.stdout.write(f"{run.good} rows are sound, {run.bad} are not. Nothing was written.")
        else:
            self.stdout.write(
                f"{done.created} clients created, {done.updated} updated, "
                f"{done.unchanged} unchanged; {run.bad} rows refused."
            )
        if faults.count:
            self.stdout.write(f"The reasons are in {faults.target}.")
