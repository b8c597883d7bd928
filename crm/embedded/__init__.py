"""PostgreSQL and Redis that start by themselves, for the demo, development and tests.

Importable before Django and cheap to import. The servers' binaries come from wheels; this module
runs them with its own configuration: Unix sockets only, data under ``home()``, left running until
``stop()``. Every "it runs" is a real answer of the server, never a pid file. As root, PostgreSQL
runs as an unprivileged user with data where that user can reach it; the mode of a directory that
was already there is never changed.
"""

import contextlib
import fcntl
from collections.abc import Iterator

from crm.embedded.addresses import (
    app_database_url,
    cache_url,
    celery_url,
    owner_database_url,
    redis_url,
    uses_postgres,
    uses_redis,
)
from crm.embedded.places import (
    APP_ROLE,
    DATABASE,
    OWNER_ROLE,
    PROJECT,
    PURGE_ROLE,
    EmbeddedError,
    demo_secrets,
    directory,
    home,
    layout,
    run_directory,
)
from crm.embedded.postgresql import Postgres
from crm.embedded.redis import Redis

__all__ = [
    "APP_ROLE",
    "DATABASE",
    "OWNER_ROLE",
    "PROJECT",
    "PURGE_ROLE",
    "EmbeddedError",
    "Postgres",
    "Redis",
    "app_database_url",
    "cache_url",
    "celery_url",
    "demo_secrets",
    "ensure",
    "home",
    "layout",
    "owner_database_url",
    "redis_url",
    "run_directory",
    "status",
    "stop",
    "uses_postgres",
    "uses_redis",
]


def ensure() -> list[str]:
    """Start whichever embedded server is wanted and not answering; return those started.

    Raises EmbeddedError with a sentence when a server cannot run.
    """
    wanted = [s for s in _services() if not s.answers()]
    if not wanted:
        return []
    started = []
    with _locked():
        for service in wanted:
            if not service.answers():
                service.start()
                started.append(service.name)
    return started


def stop() -> list[str]:
    """Stop the embedded servers of this home, whoever started them; return those stopped."""
    with _locked():
        return [s.name for s in (Postgres(layout()), Redis(layout())) if s.stop()]


def status() -> dict[str, bool]:
    """Name of each embedded server and whether it answers."""
    return {s.name: s.answers() for s in (Postgres(layout()), Redis(layout()))}


def _services() -> "list[Postgres | Redis]":
    services: list[Postgres | Redis] = []
    if uses_postgres():
        services.append(Postgres(layout()))
    if uses_redis():
        services.append(Redis(layout()))
    return services


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    """One process of this home starts or stops at a time; the others wait and then look."""
    with (directory(home()) / "embedded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
