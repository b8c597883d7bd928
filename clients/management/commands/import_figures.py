"""``manage.py import_figures FILE --mapping MAPPING [--dry-run]``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from clients.figures.mapping import read
from clients.figures.run import Order, import_figures
from clients.importing.reading import FileRefused
from clients.models import FigureImport
from crm.trading_days import today
from staff.models import Branch


class Command(BaseCommand):
    help = "Import monthly figures of accounts from a CSV or XLSX file. Running it again updates."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="CSV or XLSX")
        parser.add_argument("--mapping", required=True, help="TOML file, or a shipped name")
        parser.add_argument("--branch", help="code: only its accounts are in the file")
        parser.add_argument("--as-of", help="date of the figures, where the file has none")
        parser.add_argument("--errors", help="where the bad rows go (default: here)")
        parser.add_argument("--dry-run", action="store_true", help="reconcile, and load nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        errors = Path(options["errors"] or f"{path.stem}.errors.csv")
        try:
            order = Order(
                path=path,
                name=path.name,
                mapping=read(options["mapping"]),
                branch=_branch(options["branch"]),
                as_of=_as_of(options["as_of"]),
                dry_run=options["dry_run"],
            )
            report = import_figures(order, errors=errors)
        except FileRefused as error:
            errors.unlink(missing_ok=True)
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(
                f"The database refused the figures: {str(error).splitlines()[0]}. Nothing was"
                " written; run the import again."
            ) from error
        self._say(report, errors)

    def _say(self, report: FigureImport, errors: Path) -> None:
        done = f"{report.created} new, {report.updated} changed, {report.unchanged} unchanged"
        if report.dry_run:
            self.stdout.write(f"{report.rows} rows: {done}. A dry run: no figure was written.")
        else:
            self.stdout.write(f"{report.rows} rows: {done}.")
        self.stdout.write(
            f"Not loaded: {report.unknown} of accounts unknown to us, {report.repeated} repeated,"
            f" {report.older} older than ours, {report.refused} refused."
        )
        self.stdout.write(
            f"{report.missing} of our accounts are missing in the file,"
            f" {report.totals_off} totals differ. Report {report.public_id}."
        )
        if report.refused:
            self.stdout.write(f"The reasons are in {errors}.")
        else:
            errors.unlink()


def _branch(code: str | None) -> Branch | None:
    if not code:
        return None
    branch = Branch.objects.filter(code=code, is_active=True).first()
    if branch is None:
        raise FileRefused(f"There is no branch {code}. Give its code.")
    return branch


def _as_of(text: str | None) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise FileRefused("Write the date as 2026-11-23.") from error
    if day > today():
        raise FileRefused("The date of the figures lies in the future.")
    return day
