"""Freeze the clients of a year's end, the denominator of the next year's coverage."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from compliance.planning.planner import freeze
from crm.trading_days import today


class Command(BaseCommand):
    """``manage.py freeze_year_end [--year 2025]``"""

    help = "Keep the clients of a year's end as they stand now. Once for each year, never changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", type=int, default=today().year - 1)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = freeze(options["year"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{made.clients.count()} clients at the end of {made.year}")
