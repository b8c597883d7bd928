"""The steps of planning, and the two ways to run them: as tables of a firm, or in one query for a few.

The rules are the same text both times. A firm needs statistics between the steps and more room than
memory has, so each step is a temporary table. For a client or two, making and analysing tables takes
far longer than planning: there each step is a WITH query of a single statement, and what it found
goes along with the statements that write, as JSON.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from django.db import connection

from visits.planning import merge_statements, statements

# Each reads those before it; the last one is what is to be done.
STEPS = {
    "visits_base": statements.BASE,
    "visits_span": statements.SPAN,
    "visits_calendar": statements.CALENDAR,
    "visits_away": statements.AWAY,
    "visits_reasons": statements.REASONS,
    "visits_linked": statements.LINKED,
    "visits_fixed": merge_statements.FIXED,
    "visits_joined": merge_statements.JOINED,
    "visits_several": merge_statements.SEVERAL,
    "visits_led": merge_statements.LED,
    "visits_wanted": statements.WANTED,
}
# Looked into for each callback or client of the firm.
_INDEXES = {"visits_away": "employee_id", "visits_fixed": "client_id"}
# Bytes of rows on their way to the database that memory holds.
SPOOLED = 1_000_000

# Client, kind, occurrence, day, whether the day holds too much.
Placed = tuple[int, str, str, date, bool]


class Summary(NamedTuple):
    """What is wanted, in short: rows of the table concerned, what is to be done, and where."""

    known: int
    acts: frozenset[str]
    first: date | None
    last: date | None
    employees: list[int]
    # Calls of a segment per employee and trading day.
    shares: dict[int, int]


class Steps(Protocol):
    """Runs the steps; afterwards the statements that read what they found."""

    parameters: dict[str, Any]

    def want(self) -> Summary:
        """Run the steps; sets the parameter ``last``, the youngest callback they can know."""

    def execute(self, statement: str, **more: Any) -> int:
        """Run a statement that writes; the number of rows it changed."""

    def rows(self, statement: str, **more: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a query."""

    def place(self, rows: Iterable[Placed]) -> None:
        """Keep ``rows`` as ``visits_placed``."""


class Tables:
    """Each step is a temporary table, gone with the transaction."""

    def __init__(self, cursor: Any, parameters: dict[str, Any]) -> None:
        self.cursor = cursor
        self.parameters = parameters

    def want(self) -> Summary:
        self.cursor.execute(f"DROP TABLE IF EXISTS {', '.join(STEPS)}, visits_placed")
        self.cursor.execute(statements.LAST)
        self.parameters["last"] = self.cursor.fetchone()[0]
        for name, query in STEPS.items():
            make = f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {query}"
            self.cursor.execute(make, self.parameters)
            if name in _INDEXES:
                self.cursor.execute(f"CREATE INDEX ON {name} ({_INDEXES[name]})")
            self.cursor.execute(f"ANALYZE {name}")
        self.cursor.execute(f"{statements.SUMMARY} FROM visits_wanted w", self.parameters)
        return _summary(self.cursor.fetchone())

    def execute(self, statement: str, **more: Any) -> int:
        self.cursor.execute(statement, self.parameters | more)
        return int(self.cursor.rowcount)

    def rows(self, statement: str, **more: Any) -> Iterator[tuple[Any, ...]]:
        """Read bit by bit: a firm has a million."""
        with connection.chunked_cursor() as rows:
            rows.execute(statement, self.parameters | more)
            yield from rows

    def place(self, rows: Iterable[Placed]) -> None:
        """COPY them; what is much waits on the disk, not in memory."""
        self.cursor.execute(
            f"CREATE TEMP TABLE visits_placed ({statements.PLACED_COLUMNS}) ON COMMIT DROP"
        )
        with tempfile.SpooledTemporaryFile(SPOOLED, "w+", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
            file.seek(0)
            self.cursor.copy_expert("COPY visits_placed FROM STDIN (FORMAT csv)", file)
        self.cursor.execute("ANALYZE visits_placed")


class Queries:
    """One statement runs all steps; its rows stand in each later statement as JSON."""

    def __init__(self, cursor: Any, parameters: dict[str, Any]) -> None:
        self.cursor = cursor
        self.parameters = parameters
        self._found = {"visits_away": statements.AWAY}

    def want(self) -> Summary:
        # Each is planned and run once, as a table would be.
        steps = ", ".join(f"{name} AS MATERIALIZED ({query})" for name, query in STEPS.items())
        self.cursor.execute(
            f"WITH {steps} {statements.SUMMARY}, json_agg(w)::text, ({statements.LAST}) FROM visits_wanted w",
            self.parameters,
        )
        *summary, wanted, self.parameters["last"] = self.cursor.fetchone()
        self._keep("visits_wanted", statements.WANTED_COLUMNS, wanted)
        return _summary(summary)

    def _keep(self, name: str, columns: str, rows: str | None) -> None:
        self.parameters[name] = rows or "[]"
        query = f"SELECT * FROM json_to_recordset(%({name})s::json) AS r ({columns})"  # noqa: S608
        self._found[name] = query

    def _complete(self, statement: str) -> str:
        found = [f"{name} AS ({query})" for name, query in self._found.items() if name in statement]
        return f"WITH {', '.join(found)} {statement}" if found else statement

    def execute(self, statement: str, **more: Any) -> int:
        self.cursor.execute(self._complete(statement), self.parameters | more)
        return int(self.cursor.rowcount)

    def rows(self, statement: str, **more: Any) -> Iterator[tuple[Any, ...]]:
        self.cursor.execute(self._complete(statement), self.parameters | more)
        return iter(self.cursor.fetchall())

    def place(self, rows: Iterable[Placed]) -> None:
        names = ("client_id", "kind", "occurrence", "due_on", "over_capacity")
        found = [dict(zip(names, row, strict=True)) for row in rows]
        self._keep(
            "visits_placed", statements.PLACED_COLUMNS, json.dumps(found, default=date.isoformat)
        )


def _summary(row: Sequence[Any]) -> Summary:
    known, acts, first, last, employees, shares = row
    return Summary(known, frozenset(acts), first, last, employees, dict(shares))
