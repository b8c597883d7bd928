"""``manage.py import_clients FILE --mapping MAPPING --branch CODE [--dry-run]``."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from clients.importing import mapping as mappings
from clients.importing.load import Loader, Result
from clients.importing.reading import FileRefused, rows
from clients.importing.registry import parts
from clients.importing.rows import Fault, Reader, Record
from clients.models import Assignment, Client, SegmentChange
from crm.statistics import analyze
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
            mapping = mappings.read(options["mapping"])
            branch = Branch.objects.filter(code=options["branch"], is_active=True).first()
            if branch is None:
                raise FileRefused(f"There is no branch {options['branch']}. Give its code.")
            loader = Loader(mapping.source, branch, mapping.client, mapping.round_robin)
            run = Run(path, Reader(mapping), loader, options["batch"], dry=options["dry_run"])
        except FileRefused as error:
            raise CommandError(str(error)) from error
        try:
            run.all()
        except FileRefused as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(
                f"The database refused a batch: {str(error).splitlines()[0]}. Those before it are in "
                f"({run.result.created} created); run the import again to complete it."
            ) from error
        self._report(run, path, options)

    def _report(self, run: Run, path: Path, options: dict[str, Any]) -> None:
        done = run.result
        if options["dry_run"]:
            self.stdout.write(f"{run.good} rows are sound, {run.bad} are not. Nothing was written.")
        else:
            self.stdout.write(
                f"{done.created} clients created, {done.updated} updated, "
                f"{done.unchanged} unchanged; {run.bad} rows refused."
            )
        if run.faults:
            target = Path(options["errors"] or f"{path.stem}.errors.csv")
            write_faults(target, run.faults)
            self.stdout.write(f"The reasons are in {target}.")


class Run:
    """One pass over the file in batches."""

    def __init__(
        self, path: Path, reader: Reader, loader: Loader, size: int, *, dry: bool = False
    ) -> None:
        self.path, self.reader, self.loader, self.size, self.dry = path, reader, loader, size, dry
        self.result = Result()
        self.faults: list[Fault] = []
        self.keys: set[str] = set()
        self.good = 0
        self.bad = 0

    def all(self) -> None:
        """Read everything, load what is sound. Raises FileRefused."""
        batch: list[tuple[Record, int | None]] = []
        for record in self._records():
            try:
                manager = self.loader.manager_of(record)
            except ValidationError as error:
                self._refuse([Fault(record.line, "managers", " ".join(error.messages))])
                continue
            if record.key in self.keys:
                self._refuse([Fault(record.line, "key", f"The key {record.key} comes twice.")])
                continue
            self.good += 1
            self.keys.add(record.key)
            batch.append((record, manager))
            if len(batch) >= self.size:
                self._load(batch)
                batch = []
        self._load(batch)
        if not self.dry:
            analyze(Client, Assignment, SegmentChange)
            for part in parts().values():
                part.finish()

    def _records(self) -> Iterator[Record]:
        checked = False
        for number, row in rows(self.path):
            if not checked and "" not in row:
                missing = self.reader.mapping.columns() - set(row)
                if missing:
                    name = sorted(missing)[0]
                    raise FileRefused(
                        f"{self.path.name} has no column {name!r}, which the mapping names."
                    )
                checked = True
            record, faults = self.reader.read(number, row)
            if record is None:
                self._refuse(faults)
            else:
                yield record

    def _refuse(self, faults: list[Fault]) -> None:
        self.bad += 1
        self.faults += faults

    def _load(self, batch: list[tuple[Record, int | None]]) -> None:
        if batch and not self.dry:
            self.result.add(self.loader.load(batch))


def write_faults(target: Path, faults: list[Fault]) -> None:
    """Line, column and reason of each fault; a spreadsheet must not take one for a formula."""
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "column", "reason"])
        for fault in faults:
            cells = [str(fault.line), fault.column, fault.reason]
            writer.writerow(
                "'" + c if c.startswith(("=", "+", "-", "@", "\t", "\r")) else c for c in cells
            )
