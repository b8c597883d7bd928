"""``migrate`` as the tables' owner, then the application's rights on what it made."""

from typing import Any

import psycopg2
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connection

from crm.checks import check_environment
from crm.database_roles import as_owner, create_missing_roles, grant_to_app
from crm.schema_version import refuse_unknown_migrations


class Command(migrate.Command):
    """Migrate with ``DATABASE_OWNER_URL`` and grant the application its rows."""

    def handle(self, *args: Any, **options: Any) -> None:
        if faults := check_environment():
            raise CommandError("\n".join(str(fault) for fault in faults))
        try:
            create_missing_roles()
        except psycopg2.errors.InsufficientPrivilege as error:
            raise CommandError(
                "The roles crm_owner and crm_app are missing and this login may not create "
                "them. Create them as docs/operations.md says."
            ) from error
        with as_owner():
            refuse_unknown_migrations()
            super().handle(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                with connection.cursor() as cursor:
                    grant_to_app(cursor)
