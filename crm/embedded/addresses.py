"""Addresses of the embedded servers, and whether they are the ones in use."""

import os
from urllib.parse import parse_qs, quote, unquote, urlsplit

from crm.embedded.places import APP_ROLE, DATABASE, OWNER_ROLE, layout


def app_database_url() -> str:
    """Where the application connects, as ``crm_app``. Starts nothing."""
    return _database_url(APP_ROLE)


def owner_database_url() -> str:
    """Where migrations connect, as ``crm_owner``. Starts nothing."""
    return _database_url(OWNER_ROLE)


def _database_url(role: str) -> str:
    return f"postgres://{role}@/{DATABASE}?host={quote(str(layout().postgres_socket), safe='')}&port=5432"


def redis_url(database: int = 0) -> str:
    """Address of the embedded Redis, in the form that Celery reads. Starts nothing."""
    return f"redis+socket://{layout().redis_socket}?virtual_host={database}"


def cache_url(url: str) -> str:
    """``url`` in the form that redis-py (Django's cache) reads."""
    parts = urlsplit(url)
    if parts.scheme not in {"redis+socket", "unix"}:
        return url
    return f"unix://{parts.path}?db={_socket_database(parts.query)}"


def celery_url(url: str) -> str:
    """``url`` in the form that Celery (kombu) reads."""
    parts = urlsplit(url)
    if parts.scheme not in {"redis+socket", "unix"}:
        return url
    path, database = unquote(parts.path), _socket_database(parts.query)
    return f"redis+socket://{path}?virtual_host={database}"


def _socket_database(query: str) -> str:
    values = parse_qs(query)
    return (values.get("virtual_host") or values.get("db") or ["0"])[0]


def uses_postgres() -> bool:
    """Whether the database is the embedded one (no ``DATABASE_URL``)."""
    return "DATABASE_URL" not in os.environ


def uses_redis() -> bool:
    """Whether Redis is the embedded one (no ``REDIS_URL``)."""
    return "REDIS_URL" not in os.environ
