"""The account column of an import of clients, so that their figures find them.

[account]
number = { column = "资金账号" }
opened_on = { column = "开户日期" }     # else the client's opening date
"""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy

from clients.importing.load import copy
from clients.importing.mapping import Source, check_date, source
from clients.importing.reading import FileRefused, Row
from clients.importing.registry import Loaded, Offer
from clients.importing.trail import Trail
from clients.models import FundAccount
from crm import crypto
from crm.fields import lexemes
from crm.statistics import analyze

FIELDS = frozenset({"number", "opened_on"})
_STAGE = """
DROP TABLE IF EXISTS accounts_staging;
CREATE TEMP TABLE accounts_staging (
    client_id bigint, ciphertext bytea, key_id text, number_index bytea, last4_index bytea,
    opened_on date, token text
) ON COMMIT DROP
"""
_INSERT = """
INSERT INTO clients_fundaccount
    (client_id, ciphertext, key_id, number_index, last4_index, index_version, markets,
     permissions, opened_on, source)
SELECT s.client_id, s.ciphertext, s.key_id, s.number_index, s.last4_index, %(version)s, '{}', '{}',
       COALESCE(s.opened_on, c.opened_on, c.recorded_on), %(source)s
FROM accounts_staging s JOIN clients_client c ON c.id = s.client_id
ORDER BY s.client_id
ON CONFLICT (number_index) DO NOTHING
RETURNING id, client_id
"""
# The words of a client are ready-made lexemes: one more is joined to them.
_FOUND_BY = """
UPDATE clients_client c SET search = c.search || s.token::tsvector
FROM accounts_staging s JOIN clients_fundaccount a USING (number_index, client_id)
WHERE c.id = s.client_id AND NOT c.search @@ s.token::tsquery
"""


class AccountPart:
    """Fund accounts of imported clients. One that is recorded already stays as it is."""

    def prepare(self, table: dict[str, Any]) -> dict[str, Source]:
        if set(table) - FIELDS or "number" not in table:
            raise FileRefused("The mapping's [account] needs number, and takes opened_on.")
        return {name: source(entry) for name, entry in table.items()}

    def read(
        self,
        prepared: dict[str, Source],
        row: Row,
        number: int,
        dates: AnyMapping[str, date | None],
    ) -> dict[str, Any]:
        texts = {name: s.text(row, number - 1, dates) for name, s in prepared.items()}
        if not texts["number"]:
            return {}
        opened = texts.get("opened_on", "")
        return {
            "number": FundAccount.normal(texts["number"]),
            "opened_on": check_date(opened, past=True) if opened else None,
        }

    def load(self, source: str, rows: list[Loaded], trail: Trail) -> int:
        accounts = [row for row in rows if row.payload]
        if not accounts:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(_STAGE)
            copy(cursor, "accounts_staging", (_line(row) for row in accounts))
            cursor.execute(_INSERT, {"version": crypto.index_version(), "source": source[:60]})
            inserted = cursor.fetchall()
            for pk, client in inserted:
                trail.of(client).accounts.append(pk)
            cursor.execute(_FOUND_BY)
        return len(inserted)

    def finish(self) -> None:
        analyze(FundAccount)


def _line(row: Loaded) -> list[Any]:
    number, kind = row.payload["number"], FundAccount.BLIND_KIND
    ciphertext, key_id = crypto.encrypt(number)
    index = crypto.blind_index(kind, number)
    tail = crypto.blind_index(f"{kind}-tail", number[-4:])
    bytea = ["\\x" + value.hex() for value in (ciphertext, index, tail)]
    token = lexemes([crypto.tail_token(kind, number)])
    return [row.client_id, bytea[0], key_id, *bytea[1:], row.payload["opened_on"], token]


def _table(columns: dict[str, str]) -> dict[str, Any]:
    """The mapping's [account] from columns chosen in the browser; nothing without a number."""
    if "number" not in columns:
        return {}
    return {name: {"column": column} for name, column in columns.items()}


OFFER = Offer(
    (
        (
            "number",
            gettext_lazy("Fund account: number"),
            ("资金账号", "资金账户", "资金账户号", "fund account", "account number", "account no"),
        ),
        (
            "opened_on",
            gettext_lazy("Fund account: opening date"),
            ("账户开户日期", "资金账户开户日期", "account opening date"),
        ),
    ),
    _table,
)
