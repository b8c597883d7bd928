"""The database roles (docs/access.md#the-second-wall-database-roles).

``crm_owner`` migrates, ``crm_app`` does everything else; ``crm_purge`` alone deletes clients and
what belongs to them, and is taken for that one transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.apps import apps
from django.conf import settings
from django.db import connection as default
from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.db.utils import OperationalError

from crm.embedded import APP_ROLE, OWNER_ROLE, PURGE_ROLE

CREDENTIALS = ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
ROLES_LOCK = 715_260_031
TRANSACTION_OPEN = "The owner's login cannot be taken inside a transaction."

# Tables whose rows are ended, voided or merged, and deleted by a purge only (docs/design.md), by their
# models: each room declares its own. History tables are among them without being named.
_kept: set[str] = set()
_HISTORIES = """
SELECT c.relname FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'pgh_obj_id'
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
"""


def keep(*labels: str) -> None:
    """Have rows of these models (``app.Model``) deleted by a purge only; from ``AppConfig.ready``."""
    _kept.update(labels)


def kept_tables(cursor: CursorWrapper) -> list[str]:
    """Tables that are there and whose rows only a purge deletes, histories included."""
    names = [apps.get_model(label)._meta.db_table for label in sorted(_kept)]
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename = ANY (%s)",
        [names],
    )
    found = {name for (name,) in cursor.fetchall()}
    cursor.execute(_HISTORIES)
    return sorted(found | {name for (name,) in cursor.fetchall()})


@contextmanager
def as_owner() -> Iterator[None]:
    """Connect the default alias with the owner's login; afterwards with the application's again.

    Raises RuntimeError inside a transaction, because a new login is a new connection.
    """
    connection = connections["default"]
    if connection.in_atomic_block:
        raise RuntimeError(TRANSACTION_OPEN)
    before = {key: connection.settings_dict[key] for key in CREDENTIALS}
    owner: dict[str, Any] = {"HOST": "", "PORT": "", **settings.DATABASE_OWNER}
    connection.close()
    connection.settings_dict.update({key: owner[key] for key in CREDENTIALS})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


@contextmanager
def as_purger() -> Iterator[None]:
    """Work as ``crm_purge`` until the end of the block, inside a transaction.

    Raises ProgrammingError where the role is missing or the login may not take it.
    """
    if not default.in_atomic_block:
        raise RuntimeError("A purge needs the transaction of its owner.")
    with default.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {PURGE_ROLE}")
        yield
        # After an error the rollback gives the role back.
        cursor.execute("RESET ROLE")


def may_purge() -> bool:
    """Whether this login can take the role of the purge, and the role may delete."""
    with default.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [PURGE_ROLE])
        if cursor.fetchone() is None:
            return False
        cursor.execute(
            "SELECT pg_has_role(session_user, %(role)s, 'MEMBER')"
            " AND bool_and(has_table_privilege(%(role)s, t.name, 'DELETE'))"
            " FROM unnest(%(tables)s::text[]) t (name)",
            {"role": PURGE_ROLE, "tables": kept_tables(cursor)},
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def plain_connection() -> Iterator[Any]:
    """A psycopg2 connection (autocommit) with the owner's login and no role set.

    Raises OperationalError as the server worded it.
    """
    owner = settings.DATABASE_OWNER
    parameters = {
        "dbname": connections["default"].settings_dict["NAME"],
        "user": owner["USER"],
        "password": owner["PASSWORD"],
        "host": owner["HOST"],
        "port": owner["PORT"],
        **{key: value for key, value in owner["OPTIONS"].items() if key != "options"},
    }
    try:
        connection = psycopg2.connect(**{key: value for key, value in parameters.items() if value})
    except psycopg2.OperationalError as error:
        raise OperationalError(*error.args) from error
    try:
        connection.autocommit = True
        yield connection
    finally:
        connection.close()


def create_missing_roles() -> list[str]:
    """Create the roles that the server lacks, for the login in use; return those created.

    Raises psycopg2.errors.InsufficientPrivilege where the login may not create roles.
    """
    created = []
    with plain_connection() as connection, connection.cursor() as cursor:
        # Several test processes may come at once; the lock ends with this connection.
        cursor.execute("SELECT pg_advisory_lock(%s)", [ROLES_LOCK])
        for role, rights in ((OWNER_ROLE, "NOLOGIN CREATEDB"), (APP_ROLE, "NOLOGIN")):
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE ROLE {role} {rights}")
                created.append(role)
        cursor.execute("SELECT session_user IN (%s, %s)", [OWNER_ROLE, APP_ROLE])
        if not cursor.fetchone()[0]:  # production logs in as the roles themselves
            _let_login_become_them(cursor)
            _let_owner_build(cursor, connection.info.dbname)
        created += _make_purge_role(cursor)
    return created


def _make_purge_role(cursor: Any) -> list[str]:
    """The role of the purge, where this login may make it; without it nobody is purged."""
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [PURGE_ROLE])
    missing = cursor.fetchone() is None
    try:
        if missing:
            cursor.execute(f"CREATE ROLE {PURGE_ROLE} NOLOGIN")
        cursor.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", [APP_ROLE, PURGE_ROLE])
        if not cursor.fetchone()[0]:
            # What it may do, it may do only after SET ROLE. Said so for PostgreSQL 15 too.
            cursor.execute(f"ALTER ROLE {APP_ROLE} NOINHERIT")
            cursor.execute(f"GRANT {PURGE_ROLE} TO {APP_ROLE}")
        cursor.execute("SELECT pg_has_role(session_user, %s, 'MEMBER')", [PURGE_ROLE])
        if not cursor.fetchone()[0]:
            cursor.execute(f"GRANT {PURGE_ROLE} TO CURRENT_USER")
    except psycopg2.errors.InsufficientPrivilege:
        return []
    return [PURGE_ROLE] if missing else []


def _let_login_become_them(cursor: Any) -> None:
    for role in (OWNER_ROLE, APP_ROLE):
        cursor.execute("SELECT pg_has_role(session_user, %s, 'MEMBER')", [role])
        if not cursor.fetchone()[0]:
            cursor.execute(f"GRANT {role} TO CURRENT_USER")


def _let_owner_build(cursor: Any, database: str) -> None:
    """Since PostgreSQL 15 only a database's owner may make tables in it."""
    cursor.execute(
        "SELECT has_database_privilege(%s, current_database(), 'CREATE')"
        " AND has_schema_privilege(%s, 'public', 'CREATE')",
        [OWNER_ROLE, OWNER_ROLE],
    )
    if cursor.fetchone()[0]:
        return
    quoted = '"' + database.replace('"', '""') + '"'
    cursor.execute(f"GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {quoted} TO {OWNER_ROLE}")
    cursor.execute(f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER_ROLE}")


def grant_to_app(cursor: CursorWrapper) -> None:
    """Let the application read and write all rows, and nothing that changes the tables."""
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}",
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {APP_ROLE}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE "
        f"ON TABLES TO {APP_ROLE}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {APP_ROLE}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO {APP_ROLE}",
        # What has been migrated is the owner's to say.
        f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APP_ROLE}",
    ):
        cursor.execute(statement)
    _grant_to_purge(cursor)


def _grant_to_purge(cursor: CursorWrapper) -> None:
    """Rows of clients are deleted by the purge alone; where its role is missing, by nobody."""
    kept = kept_tables(cursor)
    if kept:
        cursor.execute(f"REVOKE DELETE ON {', '.join(kept)} FROM {APP_ROLE}")
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [PURGE_ROLE])
    if cursor.fetchone() is None:
        return
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {PURGE_ROLE}")
    cursor.execute(f"GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {PURGE_ROLE}")
    cursor.execute(f"REVOKE UPDATE, DELETE ON django_migrations FROM {PURGE_ROLE}")
