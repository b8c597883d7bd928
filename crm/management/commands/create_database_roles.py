"""Create the two database roles on a server whose login may do so."""

from typing import Any

import psycopg2
from django.core.management.base import BaseCommand, CommandError
from django.db.utils import OperationalError

from crm.database_roles import create_missing_roles


class Command(BaseCommand):
    """Create crm_owner and crm_app where they are missing, for the login of the owner's URL."""

    help = "Create the database roles crm_owner and crm_app where they are missing."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            created = create_missing_roles()
        except psycopg2.errors.InsufficientPrivilege as error:
            raise CommandError(
                "This login may not create roles. Run the statements of docs/operations.md as "
                "the server's administrator."
            ) from error
        except OperationalError as error:
            raise CommandError(f"The database cannot be reached: {error}") from error
        self.stdout.write(f"Created: {', '.join(created)}" if created else "Both roles exist.")
