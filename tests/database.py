"""The suite's database: made and migrated as ``crm_owner``, used as ``crm_app``.

A transactional test really commits, so afterwards the tables it filled are emptied and the rows
that migrations seeded are put back.
"""

import os
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
from django.test.utils import setup_databases, teardown_databases

from crm.database_roles import as_owner, create_missing_roles
from crm.management.commands.compile_translations import compile_stale

CrmProcess = Callable[..., "subprocess.Popen[bytes]"]
# How long a program may take to start on a machine that does much else.
START_SECONDS = 300


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    """Replaces pytest-django's: the tables belong to one role and the tests run as the other."""
    compile_stale()
    with django_db_blocker.unblock():
        create_missing_roles()
        _end_other_sessions(_test_name())
        with as_owner():
            made = setup_databases(verbosity=0, interactive=False)
            _remember_seed()
        cache.clear()
    yield
    with django_db_blocker.unblock():
        connection.close()
        _end_other_sessions(_test_name())
        with as_owner():
            teardown_databases(made, verbosity=0)


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


# Transactional tests -------------------------------------------------------------------------


def _tables(cursor: Any, schema: str) -> list[str]:
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s"
        " AND tablename <> 'django_migrations' ORDER BY 1",
        [schema],
    )
    return [name for (name,) in cursor.fetchall()]


def _filled(cursor: Any, tables: list[str]) -> list[str]:
    if not tables:
        return []
    cursor.execute(
        " UNION ALL ".join(
            f"SELECT '{t}' WHERE EXISTS (SELECT FROM public.\"{t}\")" for t in tables
        )
    )
    return [name for (name,) in cursor.fetchall()]


def _remember_seed() -> None:
    """Keep a copy of every row that migrations made, in a schema beside the tables."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA seed")
        for table in _filled(cursor, _tables(cursor, "public")):
            cursor.execute(f'CREATE TABLE seed."{table}" AS TABLE public."{table}"')


def _content(cursor: Any, schema: str, tables: list[str]) -> list[Any]:
    """A fingerprint of each table's rows."""
    found = []
    for table in tables:
        cursor.execute(
            "SELECT count(*), md5(string_agg(r::text, '|' ORDER BY r::text))"
            f' FROM {schema}."{table}" r'
        )
        found.append(cursor.fetchone())
    return found


def restore_seed() -> None:
    """Empty what a test filled and put back what migrations had made."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '120s'")
        seeded = _tables(cursor, "seed")
        filled = _filled(cursor, [t for t in _tables(cursor, "public") if t not in seeded])
        changed = _content(cursor, "public", seeded) != _content(cursor, "seed", seeded)
        if filled or changed:
            # The cascade also empties seeded tables, such as segments, which may name a branch.
            names = ", ".join(f'public."{table}"' for table in filled + seeded)
            # Foreign keys are checked at commit, so the order of the tables is free.
            cursor.execute("BEGIN")
            cursor.execute(f"TRUNCATE {names} CASCADE")
            for table in seeded:
                cursor.execute(f'ALTER TABLE public."{table}" DISABLE TRIGGER USER')
                cursor.execute(
                    f'INSERT INTO public."{table}" OVERRIDING SYSTEM VALUE TABLE seed."{table}"'
                )
            cursor.execute("COMMIT")
            for table in seeded:
                cursor.execute(f'ALTER TABLE public."{table}" ENABLE TRIGGER USER')


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
        *("celery", "-A", "crm", "worker", "--concurrency", "1", "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle"),
        until=b" ready.",
    )
