"""Whole batches into the tables: COPY into a staging table, then one upsert (design §5)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from clients.classification import BEST, classify
from clients.importing import numbers
from clients.importing.reading import FileRefused
from clients.importing.registry import Loaded, parts
from clients.importing.rows import Record
from clients.models import Assignment, Segment
from clients.search import name_pinyin, search_tokens
from crm.fields import lexemes
from crm.trading_days import today
from staff.models import OWNERS, Branch, Employee

# Fields that an import sets and that a later import of the same row may change.
FIELDS = (
    "name", "kind", "title", "lifecycle", "activity", "prospect_type", "income_level",
    "investment_size", "investment_style", "source", "birthday", "opened_on", "recorded_on",
    "notes",
)  # fmt: skip
_DATES = frozenset({"birthday", "opened_on", "recorded_on"})


@dataclass
class Result:
    """What an import did, in rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    extra: int = 0

    def add(self, other: Result) -> None:
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.extra += other.extra


class Loader:
    """Loads batches of records for one branch; each batch is a transaction of its own."""

    def __init__(self, source: str, branch: Branch, fields: Iterable[str], deal_out: bool) -> None:
        self.source = source
        self.branch = branch
        self.fields = [name for name in FIELDS if name in set(fields)]
        self.default = Segment.objects.get(is_default=True)
        owners = Employee.objects.filter(branch=branch, is_active=True, role__in=OWNERS)
        self.by_login = {employee.username: employee.pk for employee in owners}
        managers = [e.pk for e in owners.order_by("username") if not e.is_head]
        if deal_out and not managers:
            raise FileRefused(f"Branch {branch.code} has no manager to give the clients to.")
        self._turns = cycle(managers) if deal_out else None

    def manager_of(self, record: Record) -> int | None:
        """Who serves a new client. Raises ValidationError where the login is unknown."""
        if self._turns is not None:
            return next(self._turns)
        if not record.login:
            return None
        if record.login not in self.by_login:
            raise ValidationError(
                f"{record.login} is no manager of branch {self.branch.code}.", code="login"
            )
        return self.by_login[record.login]

    def load(self, batch: Sequence[tuple[Record, int | None]]) -> Result:
        """Write a batch: all of it or, on any error, nothing."""
        with transaction.atomic():
            self._stage(batch)
            clients, result = self._upsert()
            self._assign()
            by_key = {record.key: record for record, _ in batch}
            result.extra += numbers.load({pk: by_key[key] for key, pk in clients.items()})
            for name, part in parts().items():
                rows = [
                    Loaded(clients[r.key], r.key, employee, r.payloads[name])
                    for r, employee in batch
                    if name in r.payloads
                ]
                if rows:
                    result.extra += part.load(self.source, rows)
            classify(clients=list(clients.values()))
        return result

    def _stage(self, batch: Sequence[tuple[Record, int | None]]) -> None:
        with connection.cursor() as cursor:
            columns = ", ".join(f"{n} {'date' if n in _DATES else 'text'}" for n in self.fields)
            cursor.execute("DROP TABLE IF EXISTS clients_staging")
            cursor.execute(
                "CREATE TEMP TABLE clients_staging (source_key text, manager_id bigint,"
                f" name_pinyin text, search tsvector, {columns}) ON COMMIT DROP"
            )
            copy(cursor, "clients_staging", (self._line(r, manager) for r, manager in batch))
            cursor.execute("ANALYZE clients_staging")

    def _line(self, record: Record, manager: int | None) -> list[Any]:
        name = record.values["name"]
        phones = [record.values["phone"]] if record.values.get("phone") else []
        tokens = lexemes(search_tokens(name, phones))
        rest = [record.values[field] for field in self.fields]
        return [record.key, manager, name_pinyin(name), tokens, *rest]

    def _upsert(self) -> tuple[dict[str, int], Result]:
        """Keys of all clients of the batch by source key; and the counts."""
        fresh = [f for f in ("lifecycle", "recorded_on") if f not in self.fields]
        defaults = {"lifecycle": "'prospect'", "recorded_on": "%(today)s::date"}
        columns = [*self.fields, *fresh]
        values = [f"s.{f}" for f in self.fields] + [defaults[f] for f in fresh]
        changes = {f: f"EXCLUDED.{f}" for f in self.fields}
        if "lifecycle" in changes:
            # A prospect on somebody's list may have become a client here meanwhile.
            changes["lifecycle"] = (
                "CASE WHEN c.lifecycle = 'prospect' THEN EXCLUDED.lifecycle ELSE c.lifecycle END"
            )
        # An empty cell means unknown: it takes nothing away that somebody entered meanwhile.
        for name in set(changes) - {"lifecycle"}:
            said = f"EXCLUDED.{name}" if name in _DATES else f"NULLIF(EXCLUDED.{name}, '')"
            changes[name] = f"COALESCE({said}, c.{name})"
        differs = " OR ".join(f"c.{f} IS DISTINCT FROM {new}" for f, new in changes.items())
        empty = [f for f in _TEXTS if f not in columns]
        known = [*zip(columns, values, strict=True), *((f, _TEXTS[f]) for f in empty)]
        sql = f"""
            INSERT INTO clients_client AS c (
                source_system, source_key, branch_id, manager_id, segment_id, segment_since,
                segment_pinned, segment_reason, risk_grade, version, name_pinyin, search,
                {", ".join([*columns, *empty])})
            SELECT %(source)s, c.source_key, b.id, c.manager_id,
                   COALESCE(best.segment_id, %(segment)s), %(today)s::date, false, '', '', 1,
                   c.name_pinyin, c.search, {", ".join(f"c.{f}" for f in [*columns, *empty])}
            FROM (SELECT s.source_key, s.manager_id, s.name_pinyin, s.search,
                         COALESCE(old.risk_grade, '') AS risk_grade,
                         {", ".join(f"{value} AS {f}" for f, value in known)}
                  FROM clients_staging s
                  LEFT JOIN clients_client old
                      ON old.source_system = %(source)s AND old.source_key = s.source_key) c
            JOIN staff_branch b ON b.id = %(branch)s
            {BEST}
            ORDER BY c.source_key
            ON CONFLICT (source_system, source_key) WHERE NOT (source_system = '')
            DO UPDATE SET {", ".join(f"{f} = {new}" for f, new in changes.items())},
                          name_pinyin = EXCLUDED.name_pinyin,
                          version = c.version + 1, updated_at = now()
            WHERE {differs}
            RETURNING id, source_key, xmax = 0, name
        """  # noqa: S608
        parameters: dict[str, Any] = {
            "source": self.source,
            "branch": self.branch.pk,
            "segment": self.default.pk,
            "today": today(),
        }
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            touched = cursor.fetchall()
            cursor.execute(
                "SELECT c.source_key, c.id FROM clients_client c"
                " JOIN clients_staging s USING (source_key) WHERE c.source_system = %s",
                [self.source],
            )
            clients = dict(cursor.fetchall())
        created = sum(1 for row in touched if row[2])
        updated = [row[0] for row in touched if not row[2]]
        numbers.reindex(updated)
        rest = len(clients) - created - len(updated)
        return clients, Result(created=created, updated=len(updated), unchanged=rest)

    def _assign(self) -> None:
        """Open assignments of the new clients; an existing client keeps its manager."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO clients_assignment (client_id, employee_id, kind, valid_from, reason)
                SELECT c.id, c.manager_id, %(kind)s, %(today)s, %(source)s
                FROM clients_client c JOIN clients_staging s USING (source_key)
                WHERE c.source_system = %(source)s AND c.manager_id IS NOT NULL
                ON CONFLICT DO NOTHING
                """,
                {"kind": Assignment.Kind.SERVES, "today": today(), "source": self.source},
            )


# Text columns that are empty where the mapping says nothing of them.
_TEXTS = {
    "kind": "'person'",
    "title": "''",
    "activity": "''",
    "prospect_type": "''",
    "income_level": "''",
    "investment_size": "''",
    "investment_style": "''",
    "source": "'imported'",
    "notes": "''",
}


def copy(cursor: Any, table: str, lines: Iterable[Sequence[Any]]) -> None:
    """COPY rows of Python values into a table, in the order of its columns."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for line in lines:
        writer.writerow([_text(value) for value in line])
    buffer.seek(0)
    cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT csv, NULL '\\N')", buffer)


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    return value.isoformat() if isinstance(value, date) else str(value)
