"""The suite's database: made and migrated as ``crm_owner``, used as ``crm_app``.

It is migrated once, as a template that each process of the suite copies.

A transactional test really commits, so afterwards the tables it filled are emptied and the rows
that migrations seeded are put back.
"""

import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psutil
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase

from crm.database_roles import as_owner, create_missing_roles
from crm.management.commands.compile_translations import compile_stale

CrmProcess = Callable[..., "subprocess.Popen[bytes]"]
# How long a program may take to start on a machine that does much else.
START_SECONDS = 300


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """Replaces pytest-django's: the tables belong to one role and the tests run as the other."""
    compile_stale()
    with django_db_blocker.unblock():
        create_missing_roles()
        name, before = _test_name(), str(connection.settings_dict["NAME"])
        _clone_template(name, anew=request.config.getvalue("create_db"))
        _use(name)
        connection.settings_dict["TEST"]["NAME"] = name
        _seeded.update(_states(_tables("seed")))
        connection.close()
        cache.clear()
    yield
    with django_db_blocker.unblock():
        connection.close()
        _use(before)
        _end_other_sessions(name)
        with _owner_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name


def _test_name() -> str:
    name = str(connection.settings_dict["NAME"])
    wanted = connection.settings_dict["TEST"]["NAME"] or f"test_{name}"
    return name if name == wanted else str(wanted)


def _end_other_sessions(database: str) -> None:
    """A worker that outlived an interrupted run would keep the database from being dropped."""
    with _application_login() as login, login.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid() AND (usename = session_user"
            " OR (SELECT rolsuper FROM pg_roles WHERE rolname = session_user))",
            [database],
        )


@contextmanager
def _application_login() -> Iterator[Any]:
    """A connection with the application's own login, outside the test database."""
    import psycopg2

    config = settings.DATABASES["default"]
    parameters = {
        "dbname": "postgres",
        "user": config["USER"],
        "password": config["PASSWORD"],
        "host": config["HOST"],
        "port": config["PORT"],
    }
    login = psycopg2.connect(**{key: value for key, value in parameters.items() if value})
    try:
        login.autocommit = True
        yield login
    finally:
        login.close()


# The template --------------------------------------------------------------------------------

TEMPLATE_LOCK = 715_260_032
PRODUCT = ("crm", "staff", "clients", "visits", "pipeline", "compliance", "dashboards", "demo")
# What migrate runs or reads; so is whatever a migration imports.
MAKERS = (
    "migrations/**/*",
    "models.py",
    "models/**/*.py",
    "**/policies.py",
    "apps.py",
    "fields.py",
    "database_roles.py",
    "management/commands/migrate.py",
)


def _clone_template(name: str, *, anew: bool) -> None:
    """Make the database ``name`` as a copy of one that was migrated once.

    The template stays on the server for later runs, until the code that made it changes.
    """
    template = f"test_{connection.settings_dict['NAME']}_template"
    made_by = _fingerprint()
    with _application_login() as login, login.cursor() as cursor:
        # The first of several processes makes it; the lock ends with this connection.
        cursor.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [template],
        )
        # A template whose making was interrupted has no comment yet. Several processes that are
        # told to make it anew make it once: the first of them is this run's.
        made_by += os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid())) if anew else ""
        if cursor.fetchone() != (made_by,):
            _end_other_sessions(template)
            _make_template(template, made_by)
        _end_other_sessions(name)
        with _owner_cursor() as owner:
            owner.execute(f'DROP DATABASE IF EXISTS "{name}"')
            owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _fingerprint() -> str:
    """Of all code and data that has a part in the tables and in the rows of migrations."""
    root = Path(settings.BASE_DIR)
    paths = {
        path
        for room in PRODUCT
        for pattern in MAKERS
        for path in (root / room).glob(pattern)
        if path.is_file() and path.suffix != ".pyc"
    }
    for path in sorted(paths):
        if path.parent.name == "migrations" and path.suffix == ".py":
            paths |= set(_imported(root, path.read_text(encoding="utf-8")))
    found = hashlib.sha256()
    for path in [root / "requirements.txt", Path(__file__), *sorted(paths)]:
        found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def _imported(root: Path, source: str) -> Iterator[Path]:
    """Files of the product that a migration imports from."""
    for name in re.findall(r"^\s*(?:from|import) ([\w.]+)", source, re.MULTILINE):
        path = root / name.replace(".", "/")
        found = [path.with_suffix(".py"), path / "__init__.py"]
        if name.partition(".")[0] in PRODUCT:
            yield from (file for file in found if file.exists())


def _make_template(template: str, made_by: str) -> None:
    before = str(connection.settings_dict["NAME"])
    wanted = connection.settings_dict["TEST"]["NAME"]
    connection.settings_dict["TEST"]["NAME"] = template
    try:
        with as_owner():
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            _remember_seed()
            with connection.cursor() as cursor:
                cursor.execute(f"COMMENT ON DATABASE \"{template}\" IS '{made_by}'")
    finally:
        connection.settings_dict["TEST"]["NAME"] = wanted
        _use(before)


@contextmanager
def _owner_cursor() -> Iterator[Any]:
    """The owner's login, in no test database."""
    with as_owner(), connection._nodb_cursor() as cursor:
        yield cursor


# Transactional tests -------------------------------------------------------------------------

# What a seeded table was like when it was last as migrations made it: its number of rows and the
# latest transaction that wrote one. Whatever a test changes, it changes one of the two.
_seeded: dict[str, tuple[int, int]] = {}
# So many rows are deleted more slowly than nearly all tables are emptied by TRUNCATE, which has to
# cascade to them and to make their indexes anew.
MANY = 2000


def _tables(schema: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s"
            " AND tablename <> 'django_migrations' ORDER BY 1",
            [schema],
        )
        return [name for (name,) in cursor.fetchall()]


def _filled(tables: list[str]) -> dict[str, int]:
    """How many rows the tables hold that hold any, counted no further than ``MANY``."""
    question = f"SELECT '{{0}}', count(*) FROM (SELECT FROM public.\"{{0}}\" LIMIT {MANY}) AS t"
    return {name: rows for name, rows in _asked(question, tables) if rows}


def _states(tables: list[str]) -> dict[str, tuple[int, int]]:
    question = "SELECT '{0}', count(*), coalesce(max(xmin::text::bigint), 0) FROM public.\"{0}\""
    return {name: (rows, latest) for name, rows, latest in _asked(question, tables)}


def _asked(question: str, tables: list[str]) -> list[tuple[Any, ...]]:
    """The answers of all tables to ``question``, by one statement."""
    if not tables:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(question.format(table) for table in tables))
        return list(cursor.fetchall())


def _remember_seed() -> None:
    """Keep a copy of every row that migrations made, in a schema beside the tables."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA seed")
        for table in _filled(_tables("public")):
            cursor.execute(f'CREATE TABLE seed."{table}" AS TABLE public."{table}"')


def restore_seed() -> None:
    """Empty what a test filled and put back what migrations had made."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '120s'")
        now = _states(list(_seeded))
        changed = [table for table in _seeded if now[table] != _seeded[table]]
        filled = _filled([table for table in _tables("public") if table not in _seeded])
        if not filled and not changed:
            return
        many = sum(filled.values()) >= MANY
        # The cascade also empties seeded tables, such as segments, which may name a branch.
        back = list(_seeded) if many else changed
        tables = [f'public."{table}"' for table in [*filled, *back]]
        # Triggers that forbid it are off meanwhile. Foreign keys are checked at the end, so the
        # order of the tables is free.
        statements = [
            "BEGIN",
            *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables),
            *(
                [f"TRUNCATE {', '.join(tables)} CASCADE"]
                if many
                else [f"DELETE FROM {table}" for table in tables]
            ),
            *(
                f'INSERT INTO public."{table}" OVERRIDING SYSTEM VALUE TABLE seed."{table}"'
                for table in back
            ),
            # A table with checks to come is not altered.
            "SET CONSTRAINTS ALL IMMEDIATE",
            *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables),
            "COMMIT",
        ]
        cursor.execute("; ".join(statements))
        _seeded.update(_states(back))


def _fixture_teardown(_case: TransactionTestCase) -> None:
    restore_seed()
    cache.clear()


TransactionTestCase._fixture_teardown = _fixture_teardown  # type: ignore[attr-defined]


# Real processes ------------------------------------------------------------------------------


def process_environment() -> dict[str, str]:
    """Environment of a real process on this test's database and Redis."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "DATABASE_URL": _url(connection.settings_dict),
        "DATABASE_OWNER_URL": _url(
            {**settings.DATABASE_OWNER, "NAME": connection.settings_dict["NAME"]}
        ),
        "PYTHONUNBUFFERED": "1",
    }


def _url(config: dict[str, Any]) -> str:
    login = quote(config["USER"], safe="")
    if config["PASSWORD"]:
        login += ":" + quote(config["PASSWORD"], safe="")
    query = {"host": config["HOST"], "port": config["PORT"]}
    found = urlencode({key: value for key, value in query.items() if value})
    return f"postgres://{login}@/{config['NAME']}" + (f"?{found}" if found else "")


@pytest.fixture
def crm_process(transactional_db: None, tmp_path: Path) -> Iterator[CrmProcess]:
    """Start ``python -m …`` on the test's servers: ``crm_process("celery", …, until=b"ready")``.

    Waits until the text ``until`` is in its log; ends the process and its children afterwards.
    """
    running: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, until: bytes = b"", **environment: str) -> subprocess.Popen[bytes]:
        log = tmp_path / f"process-{len(running)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=settings.BASE_DIR,
                env=process_environment() | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        running.append(process)
        deadline = time.monotonic() + START_SECONDS
        while until not in log.read_bytes():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{arguments[0]} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        return process

    yield start
    for process in running:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in family:
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue


@pytest.fixture
def celery_worker_process(crm_process: CrmProcess) -> "subprocess.Popen[bytes]":
    """A real worker on the test's database and Redis, ready to take tasks."""
    return crm_process(
        "celery",
        "-A",
        "crm",
        "worker",
        "--concurrency",
        "1",
        "--loglevel",
        "INFO",
        "--without-gossip",
        "--without-mingle",
        until=b" ready.",
    )
