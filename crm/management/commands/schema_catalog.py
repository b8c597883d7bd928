"""Print the database as text, or say in what it differs from an earlier print."""

import difflib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from crm.schema_catalog import describe


class Command(BaseCommand):
    """``manage.py schema_catalog [--rows] [--compare FILE]``."""

    help = "Print tables, columns, constraints, indexes, triggers, functions and grants as text."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--rows", action="store_true", help="the rows too (of a database just migrated)"
        )
        parser.add_argument(
            "--compare", type=Path, metavar="FILE", help="print what differs from this print"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            lines = describe(cursor, rows=options["rows"])
        if options["compare"] is None:
            self.stdout.write("\n".join(lines))
            return
        earlier = options["compare"].read_text(encoding="utf-8").splitlines()
        found = [
            line
            for line in difflib.unified_diff(earlier, lines, lineterm="", n=0)
            if not line.startswith(("---", "+++", "@@"))
        ]
        if found:
            self.stdout.write("\n".join(found))
            raise CommandError(f"Lines that differ: {len(found)}.")
        self.stdout.write(f"No line of {len(lines)} differs.")
