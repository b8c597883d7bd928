"""Purge prospects past their retention now, or print what would be purged."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from crm.database_roles import may_purge
from crm.trading_days import today
from pipeline.retention import services as retention


class Command(BaseCommand):
    """Run the nightly purge now."""

    help = "Delete prospects past their retention; leaves counts and nothing personal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say it, and delete nothing")
        parser.add_argument("--on", type=date.fromisoformat, default=None, help="as of this day")

    def handle(self, *args: Any, **options: Any) -> None:
        if not may_purge():
            raise CommandError(retention.ROLE_MISSING)
        try:
            done = retention.run(on=options["on"], dry_run=options["dry_run"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        verb = "would be purged" if options["dry_run"] else "purged"
        self.stdout.write(
            f"{options['on'] or today()}: {done.purged} prospects {verb}, {done.kept} kept in doubt"
        )
        for table, count in sorted(done.rows.items()):
            if count:
                self.stdout.write(f"  {table}: {count}")
