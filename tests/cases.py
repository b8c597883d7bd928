"""Many cases in one test: what they share is made once, and each leaves it as it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction


@contextmanager
def undone() -> Iterator[None]:
    """A case within a test: what it writes is rolled back, as at the end of a test of its own.

    So too are constraints checked that wait for the end of a transaction.
    """
    with transaction.atomic():
        try:
            yield
            connection.check_constraints()
        finally:
            transaction.set_rollback(True)
            # Keys come again with other contents.
            cache.clear()


@contextmanager
def shared_rows(blocker: Any) -> Iterator[None]:
    """What is written within is there for all tests of a class and gone afterwards.

    For a fixture with the scope of a class whose tests are ordinary ones, each in a savepoint of its
    own; ``blocker`` is pytest-django's ``django_db_blocker``.
    """
    with blocker.unblock(), transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)
            cache.clear()
