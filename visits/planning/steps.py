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
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from django.db import connection

from visits.planning import day_statements, merge_statements, statements
from visits.planning.prepared import Prepared
from visits.planning.reason_statements import EVENTS, EXPIRING

# Each reads those before it; the last one is what is to be done.
STEPS = {
    "visits_base": statements.BASE,
    "visits_expiring": EXPIRING,
    "visits_events": EVENTS,
    "visits_span": day_statements.SPAN,
    "visits_calendar": day_statements.CALENDAR,
    "visits_away": statements.AWAY,
    "visits_reasons": statements.REASONS,
    "visits_linked": statements.LINKED,
    "visits_fixed": merge_statements.FIXED,
    "visits_joined": merge_statements.JOINED,
    "visits_several": merge_statements.SEVERAL,
    "visits_led": merge_statements.LED,
    "visits_wanted": statements.WANTED,
}
# The types of the parameters.
_TYPES = {
    "today": "date",
    "zone": "text",
    "clients": "bigint[]",
    "segment": "bigint",
    **{f"{name}_paths": "text[]" for name in statements.POLICIES},
    **{f"{name}_values": "numeric[]" for name in statements.POLICIES},
    "birthday_places": "smallint[]",
    "birthday_lunar": "boolean[]",
    "birthday_days": "date[]",
    "last": "bigint",
    "visits_wanted": "json",
    "visits_placed": "json",
    "computed_closed_days": "date[]",
    "employees": "bigint[]",
    "first_on": "date",
    "last_on": "date",
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


# The queries that stand for tables where there are none.
_FOUND = {
    "visits_away": statements.AWAY,
    **{
        name: f"SELECT * FROM json_to_recordset(%({name})s::json) AS r ({columns})"  # noqa: S608
        for name, columns in (
            ("visits_wanted", statements.WANTED_COLUMNS),
            ("visits_placed", statements.PLACED_COLUMNS),
        )
    },
}


class Queries:
    """One statement runs all steps; its rows stand in each later statement as JSON.

    The parameter ``clients`` has to be given, and no segment. What plans a single client, as nearly
    every write does, is prepared; for several, the plan depends on how many they are.
    """

    def __init__(self, cursor: Any, parameters: dict[str, Any]) -> None:
        self.cursor = cursor
        self.parameters = parameters
        alone = len(parameters["clients"]) == 1
        self._prepared = Prepared(cursor, _TYPES) if alone else None

    def want(self) -> Summary:
        self._run(_WANT)
        *summary, wanted, self.parameters["last"] = self.cursor.fetchone()
        self.parameters["visits_wanted"] = wanted or "[]"
        return _summary(summary)

    def _run(self, statement: str, **more: Any) -> None:
        parameters = self.parameters | more
        if self._prepared is not None:
            self._prepared.execute(_of_one(statement), parameters)
        else:
            self.cursor.execute(_complete(statement), parameters)

    def execute(self, statement: str, **more: Any) -> int:
        self._run(statement, **more)
        return int(self.cursor.rowcount)

    def rows(self, statement: str, **more: Any) -> Iterator[tuple[Any, ...]]:
        self._run(statement, **more)
        return iter(self.cursor.fetchall())

    def place(self, rows: Iterable[Placed]) -> None:
        names = ("client_id", "kind", "occurrence", "due_on", "over_capacity")
        found = [dict(zip(names, row, strict=True)) for row in rows]
        self.parameters["visits_placed"] = json.dumps(found, default=date.isoformat)


# Each step is planned and run once, as a table would be.
_STEPS = ", ".join(f"{name} AS MATERIALIZED ({query})" for name, query in STEPS.items())
_WANT = f"WITH {_STEPS} {statements.SUMMARY}, json_agg(w)::text, ({statements.LAST}) FROM visits_wanted w"


@lru_cache(maxsize=32)
def _complete(statement: str) -> str:
    """The statement with the queries that it reads; the steps read each other."""
    if statement == _WANT:
        return statement
    found = [f"{name} AS ({query})" for name, query in _FOUND.items() if name in statement]
    return f"WITH {', '.join(found)} {statement}" if found else statement


@lru_cache(maxsize=32)
def _of_one(statement: str) -> str:
    """The complete statement for the only one of ``clients``.

    A plan that is kept knows no values: it would provide for all clients, or for a handful, and read
    whole tables.
    """
    text = _complete(statement)
    for condition, alone in (
        ("%(clients)s::bigint[] IS NULL", "false"),
        ("%(segment)s::bigint IS NULL", "true"),
        ("= ANY (%(clients)s::bigint[])", "= (%(clients)s::bigint[])[1]"),
    ):
        text = text.replace(condition, alone)
    return text


def _summary(row: Sequence[Any]) -> Summary:
    known, acts, first, last, employees, shares = row
    return Summary(known, frozenset(acts), first, last, employees, dict(shares))
