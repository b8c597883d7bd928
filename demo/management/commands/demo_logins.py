"""The accounts of the demo firm to log in with."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, transaction

from demo.firm import DEMO_PASSWORD, LOGINS
from staff.models import Employee


class Command(BaseCommand):
    """``manage.py demo_logins [--json]``."""

    help = "List the accounts of the demo firm, one per role and a few managers more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON for other programs")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError("Only the embedded demo has logins that may be shown.")
        try:
            found = _accounts()
        except ProgrammingError as error:
            raise CommandError(
                "The tables of the database are missing or of an older version. `make run` creates "
                "them and loads the demo firm; `manage.py migrate` creates the tables alone."
            ) from error
        if not found:
            raise CommandError(
                "There are no demo logins, because the demo firm is not loaded. `make run` loads it "
                "into an empty database; so does `manage.py load_demo`."
            )
        rows = [
            {
                "name": employee.username,
                "password": DEMO_PASSWORD,
                "role": employee.role,
                "branch": employee.branch.name_zh if employee.branch else "",
            }
            for employee in found
        ]
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        for row in rows:
            self.stdout.write(
                f"{row['name']:<14}{row['password']:<18}{row['role']:<16}{row['branch']}"
            )


def _accounts() -> list[Employee]:
    """The demo's accounts that can log in, in the order of ``LOGINS``."""
    with transaction.atomic():  # a caller's transaction outlives tables that are not there
        rows = Employee.objects.filter(username__in=LOGINS, is_active=True).select_related("branch")
        return sorted(rows, key=lambda employee: LOGINS.index(employee.username))
