"""Whole batches into the tables: COPY into a staging table, then one upsert.

Why it is written here: docs/decisions/007-written-here.md.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import cycle
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from clients.birthdays import renew_lunar
from clients.importing import numbers
from clients.importing.reading import FileRefused
from clients.importing.registry import Loaded, parts
from clients.importing.resolve import COLUMNS, Rule, resolve, taken_accounts
from clients.importing.rows import Fault, Record
from clients.importing.trail import Trail
from clients.models import Assignment, Segment
from clients.search import name_pinyin, reindex, search_tokens
from clients.segments.classification import BEST, classify
from crm.fields import lexemes
from crm.trading_days import today
from staff.middleware import name_employee
from staff.models import OWNERS, Branch, Employee

# Fields that an import sets and that a later import of the same row may change.
FIELDS = (
    "name",
    "kind",
    "title",
    "lifecycle",
    "activity",
    "prospect_type",
    "income_level",
    "investment_size",
    "investment_style",
    "source",
    "birthday",
    "opened_on",
    "recorded_on",
    "notes",
)
_DATES = frozenset({"birthday", "opened_on", "recorded_on"})


@dataclass
class Result:
    """Counts of rows of an import by result."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    extra: int = 0
    faults: list[Fault] = field(default_factory=list)

    def add(self, other: Result) -> None:
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.extra += other.extra


class Loader:
    """Loads batches of records for one branch; each batch is a transaction of its own."""

    def __init__(
        self,
        source: str,
        branch: Branch,
        fields: Iterable[str],
        deal_out: bool,
        rule: Rule | None = None,
    ) -> None:
        self.source = source
        self.branch = branch
        self.rule = rule or Rule()
        self.fields = [name for name in FIELDS if name in set(fields)]
        self.default = Segment.objects.get(is_default=True)
        owners = Employee.objects.filter(branch=branch, is_active=True, role__in=OWNERS)
        self.by_login = {employee.username: employee.pk for employee in owners}
        managers = [e.pk for e in owners.order_by("username") if not e.is_head]
        if deal_out and not managers:
            raise FileRefused(
                _("Branch %(branch)s has no manager to give the clients to.")
                % {"branch": branch.code}
            )
        self._turns = cycle(managers) if deal_out else None

    def manager_of(self, record: Record) -> int | None:
        """Who serves a new client. Raises ValidationError where the login is unknown."""
        if self._turns is not None:
            return next(self._turns)
        if not record.login:
            return None
        if record.login not in self.by_login:
            raise ValidationError(
                _("%(login)s is no manager of branch %(branch)s.")
                % {"login": record.login[:40], "branch": self.branch.code},
                code="login",
            )
        return self.by_login[record.login]

    def load(self, batch: Sequence[tuple[Record, int | None]], *, rehearse: bool = False) -> Result:
        """Write a batch in one transaction; ``rehearse`` rolls it back.

        ``Result.faults`` names the rows that the rule lets nobody load; the others land.
        """
        with transaction.atomic():
            name_employee(self.rule.by)
            trail = Trail()
            self._stage(batch)
            faults = resolve(self.source, self.rule)
            faults += taken_accounts(self.source, (record for record, _manager in batch))
            left_out = {fault.line for fault in faults}
            batch = [entry for entry in batch if entry[0].line not in left_out]
            clients, result = self._upsert(trail)
            result.faults = faults
            self._assign()
            by_key = {record.key: record for record, _manager in batch}
            records = {pk: by_key[key] for key, pk in clients.items()}
            result.extra += numbers.load(records, trail)
            for name, part in parts().items():
                rows = [
                    Loaded(clients[r.key], r.key, employee, r.payloads[name])
                    for r, employee in batch
                    if name in r.payloads
                ]
                if rows:
                    result.extra += part.load(self.source, rows, trail)
            classify(clients=list(clients.values()))
            if self.rule.batch is not None:
                trail.save(self.rule.batch)
            if rehearse:
                transaction.set_rollback(True)
        return result

    def _stage(self, batch: Sequence[tuple[Record, int | None]]) -> None:
        with connection.cursor() as cursor:
            columns = ", ".join(f"{n} {'date' if n in _DATES else 'text'}" for n in self.fields)
            cursor.execute("DROP TABLE IF EXISTS clients_staging")
            cursor.execute(
                f"CREATE TEMP TABLE clients_staging ({COLUMNS}, source_key text, manager_id bigint,"
                f" name_pinyin text, search tsvector, {columns}) ON COMMIT DROP"
            )
            copy(cursor, "clients_staging", (self._line(r, manager) for r, manager in batch))
            cursor.execute("ANALYZE clients_staging")

    def _line(self, record: Record, manager: int | None) -> list[Any]:
        name = record.values["name"]
        phones = [record.values["phone"]] if record.values.get("phone") else []
        tokens = lexemes(search_tokens(name, phones))
        rest = [record.values[field] for field in self.fields]
        staged = [record.line, self.rule.index(record), None]
        return [*staged, record.key, manager, name_pinyin(name), tokens, *rest]

    def _upsert(self, trail: Trail) -> tuple[dict[str, int], Result]:
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
        changes |= {"name_pinyin": "EXCLUDED.name_pinyin"} if "name" in changes else {}
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
                         COALESCE(old.commission_tier, '') AS commission_tier,
                         {"" if "birthday" in columns else "old.birthday,"}
                         {", ".join(f"{value} AS {f}" for f, value in known)}
                  FROM clients_staging s
                  LEFT JOIN clients_client old
                      ON old.source_system = %(source)s AND old.source_key = s.source_key
                  WHERE s.client_id IS NULL) c
            JOIN staff_branch b ON b.id = %(branch)s
            {BEST}
            ORDER BY c.source_key
            ON CONFLICT (source_system, source_key) WHERE NOT (source_system = '')
            DO UPDATE SET {", ".join(f"{f} = {new}" for f, new in changes.items())},
                          version = c.version + 1, updated_at = now()
            WHERE {differs}
            RETURNING id, xmax = 0
        """  # noqa: S608
        # Those recognised by a number keep the source that they came from.
        by_number = f"""
            UPDATE clients_client c
            SET {", ".join(f"{f} = {new}" for f, new in changes.items())},
                version = c.version + 1, updated_at = now()
            FROM clients_staging s WHERE c.id = s.client_id AND ({differs})
            RETURNING c.id
        """.replace("EXCLUDED.", "s.")  # noqa: S608
        parameters: dict[str, Any] = {
            "source": self.source,
            "branch": self.branch.pk,
            "segment": self.default.pk,
            "today": today(),
        }
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            touched = cursor.fetchall()
            cursor.execute(by_number)
            touched += [(pk, False) for (pk,) in cursor.fetchall()]
            cursor.execute(
                "SELECT s.source_key, COALESCE(s.client_id, c.id) FROM clients_staging s"
                " LEFT JOIN clients_client c"
                " ON c.source_system = %s AND c.source_key = s.source_key",
                [self.source],
            )
            clients = dict(cursor.fetchall())
        for pk, fresh_one in touched:
            trail.of(pk).created = fresh_one
        updated = [pk for pk, fresh_one in touched if not fresh_one]
        created = len(touched) - len(updated)
        reindex(updated)
        if "birthday" in self.fields:
            renew_lunar(updated)
        rest = len(clients) - created - len(updated)
        return clients, Result(created=created, updated=len(updated), unchanged=rest)

    def _assign(self) -> None:
        """Assign new clients to managers; existing clients keep theirs."""
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
