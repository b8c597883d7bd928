"""Match the rows of a batch with existing clients, and reject rows that must not be loaded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from clients.importing.rows import Fault, Record
from clients.models import ClientImport, FundAccount
from crm import crypto
from staff.models import Employee

Mode, Match = ClientImport.Mode, ClientImport.Match
# What the staging table holds before the columns of the mapping.
COLUMNS = "line integer, number_index text, client_id bigint"
NUMBERS = {Match.PHONE: ("phone",), Match.IDENTITY: ("id_card", "credit_code")}
_BLIND = {Match.PHONE: "phone", Match.IDENTITY: "identity"}
_TABLES = {Match.PHONE: "clients_phone", Match.IDENTITY: "clients_identity"}


@dataclass(frozen=True)
class Rule:
    """Matching of existing clients: system, key, and clients that may be changed.

    ``scope``: keys of the branches whose clients it may change; ``None`` for all.
    ``batch``: the ClientImport that keeps the trail; ``None`` keeps none.
    """

    mode: str = Mode.BOTH
    match: str = Match.SOURCE
    scope: list[int] | None = None
    batch: int | None = None
    by: Employee | None = None

    def number(self, record: Record) -> str:
        """The number that the client is recognised by; '' where the row has none."""
        fields = NUMBERS.get(Match(self.match), ())
        return next((record.values[f] for f in fields if record.values.get(f)), "")

    def index(self, record: Record) -> str | None:
        """Its blind index as text for the staging table."""
        number = self.number(record)
        return crypto.blind_index(_BLIND[Match(self.match)], number).hex() if number else None


def resolve(source: str, rule: Rule) -> list[Fault]:
    """Set the client of each row of the staging table; remove and report the other rows.

    ``client_id`` stays empty for a new client and for one of the same source.
    """
    if rule.match == Match.SOURCE and rule.mode == Mode.BOTH and rule.scope is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE clients_known ON COMMIT DROP AS"
            " SELECT s.line, c.id AS client_id, c.branch_id, c.merged_into_id, 1 AS hits"
            " FROM clients_staging s JOIN clients_client c"
            " ON c.source_system = %s AND c.source_key = s.source_key",
            [source],
        )
        if rule.match != Match.SOURCE:
            cursor.execute(
                _BY_NUMBER.format(table=_TABLES[Match(rule.match)]), {"scope": rule.scope}
            )
        cursor.execute(_FAULTS, {"mode": rule.mode, "scope": rule.scope, "batch": rule.batch})
        matches = cursor.fetchall()
        cursor.execute("DROP TABLE clients_known")
        if matches:
            cursor.execute(
                "DELETE FROM clients_staging WHERE line = ANY (%s)",
                [[line for line, _why in matches]],
            )
    sentences = {
        "another": _("A client of another branch has this key."),
        "merged": _("This client was merged into another one. Use the other one's key."),
        "several": _("Several clients have this number. Merge them first."),
        "twice": _("Two rows speak of the same client."),
        "exists": _("This client is there already."),
        "absent": _("There is no such client."),
    }
    return [Fault(line, "", sentences[why]) for line, why in matches]


# Only clients within reach are recognised: a number tells nothing of other branches' clients.
_BY_NUMBER = """
    WITH hits AS (
        SELECT s.line, min(c.id) AS client_id, min(c.branch_id) AS branch_id,
               count(DISTINCT c.id) AS hits
        FROM clients_staging s
        JOIN {table} n ON n.number_index = decode(s.number_index, 'hex') AND n.valid_to IS NULL
        JOIN clients_client c ON c.id = n.client_id AND c.merged_into_id IS NULL
        WHERE NOT EXISTS (SELECT FROM clients_known k WHERE k.line = s.line)
          AND (%(scope)s::bigint[] IS NULL OR c.branch_id = ANY (%(scope)s::bigint[]))
        GROUP BY s.line
    ), noted AS (
        INSERT INTO clients_known SELECT line, client_id, branch_id, NULL, hits FROM hits
    )
    UPDATE clients_staging s SET client_id = h.client_id FROM hits h WHERE h.line = s.line
"""
_FAULTS = """
    SELECT line, why FROM (
        SELECT s.line, CASE
            WHEN k.hits > 1 THEN 'several'
            WHEN k.client_id IS NOT NULL AND %(scope)s::bigint[] IS NOT NULL
                 AND k.branch_id <> ALL (%(scope)s::bigint[]) THEN 'another'
            WHEN k.merged_into_id IS NOT NULL THEN 'merged'
            WHEN k.client_id IS NOT NULL
                 AND row_number() OVER (PARTITION BY k.client_id ORDER BY s.line) > 1 THEN 'twice'
            WHEN k.client_id IS NULL AND %(mode)s = 'update' THEN 'absent'
            -- What an interrupted run of the same import has made is its own.
            WHEN k.client_id IS NOT NULL AND %(mode)s = 'create' AND NOT EXISTS (
                SELECT FROM clients_importedclient i
                WHERE i.batch_id = %(batch)s AND i.client_id = k.client_id) THEN 'exists'
            END AS why
        FROM clients_staging s LEFT JOIN clients_known k USING (line)) judged
    WHERE why IS NOT NULL ORDER BY line
"""
_FOREIGN = """
SELECT s.line
FROM unnest(%(lines)s::int[], %(indexes)s::text[]) AS s(line, number_index)
JOIN clients_staging t ON t.line = s.line
JOIN clients_fundaccount a ON a.number_index = decode(s.number_index, 'hex')
JOIN clients_client held ON held.id = a.client_id
LEFT JOIN clients_client c ON c.source_system = %(source)s AND c.source_key = t.source_key
LEFT JOIN clients_client mine ON mine.id = COALESCE(t.client_id, c.id)
WHERE COALESCE(held.merged_into_id, held.id)
      IS DISTINCT FROM COALESCE(mine.merged_into_id, mine.id)
"""


def taken_accounts(source: str, records: Iterable[Record]) -> list[Fault]:
    """Rows of the staging table whose account belongs to another client."""
    wanted = {
        record.line: record.payloads["account"]["number"]
        for record in records
        if record.payloads.get("account")
    }
    if not wanted:
        return []
    indexes = [crypto.blind_index(FundAccount.BLIND_KIND, n).hex() for n in wanted.values()]
    with connection.cursor() as cursor:
        cursor.execute(_FOREIGN, {"lines": list(wanted), "indexes": indexes, "source": source})
        lines = sorted({line for (line,) in cursor.fetchall()})
        cursor.execute("DELETE FROM clients_staging WHERE line = ANY (%s)", [lines])
    reason = _("This account is recorded for another client. Check it with the back office.")
    return [Fault(line, "account", reason) for line in lines]
