"""Many rows at once: COPY into the real tables, through their triggers and constraints."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Model

# Rows per piece; a piece may be larger than what was asked for.
LINES = 100
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def reserve_ids(model: type[Model], count: int) -> list[int]:
    """Keys for ``count`` rows of ``model``, taken from its sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [key for (key,) in cursor.fetchall()]


def copy_rows(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY ``rows`` (values in the order of ``columns``) into the table; return how many.

    Columns that are not named get the database's default. JSON and arrays come as text (see
    :func:`as_json`), bytes become a ``bytea``.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{table}" ({", ".join(columns)}) FROM STDIN', _Stream(rows))
        return int(cursor.rowcount)


class _Stream:
    """A file to read from that makes its rows as they are asked for.

    So the server writes the last rows while the next are made.
    """

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._lines = ("\t".join([_text(value) for value in row]) + "\n" for row in rows)

    def read(self, _size: int = -1) -> str:
        return "".join(islice(self._lines, LINES))


def check_keys(*, at_once: bool) -> None:
    """Check foreign keys with each statement, those still open now; or at the end.

    A trigger made by pgtrigger opens a subtransaction per row, and each of them walks over every
    check that waits for the end: a hundred thousand rows would take an hour of walking.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL {'IMMEDIATE' if at_once else 'DEFERRED'}")


def as_json(value: Any) -> str:
    """Text of a JSON column, not yet escaped for COPY."""
    return json.dumps(value, ensure_ascii=False)


def _text(value: Any) -> str:
    """One value in COPY's text format."""
    kind: type = type(value)
    if kind is str:
        return str(value.translate(_ESCAPES))
    if value is None:
        return "\\N"
    if kind is bool:
        return "t" if value else "f"
    if kind is datetime or kind is date:
        return str(value.isoformat())
    if kind is bytes:
        return "\\\\x" + str(value.hex())
    return str(value).translate(_ESCAPES)
