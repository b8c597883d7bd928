"""Deleting a row with all that hangs on it, history tables included: for the operation ``purge``.

What hangs on a row is read from the models, so a table that a room adds is covered the day it is
added. A row goes when a key that it cannot do without leads to a deleted one; a key that may be
empty is emptied.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import connection, models, transaction

from crm.database_roles import as_purger

Keys = dict[type[models.Model], set[Any]]


def hanging(root: type[models.Model], keys: Collection[int]) -> Keys:
    """Keys of the rows that go with those of ``root``, per table; ``root`` itself included."""
    found: Keys = {root: set(keys)}
    waiting: Keys = {root: set(keys)}
    while waiting:
        target, fresh = waiting.popitem()
        for model, column in keys_to(target):
            if column.null:
                continue
            rows = model._base_manager.filter(**{f"{column.attname}__in": fresh})
            new = set(rows.values_list("pk", flat=True)) - found.get(model, set())
            if new:
                found.setdefault(model, set()).update(new)
                waiting.setdefault(model, set()).update(new)
    return found


@transaction.atomic
def delete(root: type[models.Model], keys: Collection[int]) -> dict[str, int]:
    """Delete rows of ``root`` and what hangs on them; the numbers of rows by table."""
    found = hanging(root, keys)
    counts = {}
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for model, gone in found.items():
            table, column = model._meta.db_table, _pk(model)
            cursor.execute(f'DELETE FROM "{table}" WHERE "{column}" = ANY (%s)', [list(gone)])  # noqa: S608
            counts[model._meta.label_lower] = cursor.rowcount
        # After it, so that only rows that stay are changed and asked whether they may.
        for target, gone in found.items():
            _let_go(cursor, target, list(gone))
        # What still refers to a deleted row fails here, and everything is rolled back.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return counts


def _let_go(cursor: Any, target: type[models.Model], gone: list[Any]) -> None:
    """Empty the keys to rows that go, where they may be empty."""
    for model, key in keys_to(target):
        if key.null:
            table, name = model._meta.db_table, key.column
            cursor.execute(
                f'UPDATE "{table}" SET "{name}" = NULL WHERE "{name}" = ANY (%s)',  # noqa: S608
                [gone],
            )


@contextmanager
def unguarded() -> Iterator[None]:
    """Work as the role that may delete, past the triggers of ours.

    Neither those that keep rows as they are, nor those that would write into a history what has
    just been deleted. Inside the transaction of the purge only.
    """
    names = [f"{model._meta.label}:{trigger.name}" for model, trigger in pgtrigger.registered()]
    with as_purger(), pgtrigger.ignore(*names):
        yield


def keys_to(
    target: type[models.Model],
) -> Iterator[tuple[type[models.Model], models.ForeignKey[Any, Any]]]:
    """Tables and their columns that hold keys of ``target``."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed:
            continue
        for column in model._meta.concrete_fields:
            if isinstance(column, models.ForeignKey) and column.related_model is target:
                yield model, column


def _pk(model: type[models.Model]) -> str:
    column = model._meta.pk.column
    assert column is not None  # noqa: S101 - every table has a key
    return column
