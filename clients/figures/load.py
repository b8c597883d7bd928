"""Load a file of figures into the tables, with a report of differences (D-20).

Everything happens in one transaction: COPY into a staging table, one join with what we have, the
report, one upsert. Imports of figures wait for each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection

from clients.figures.mapping import MONEY
from clients.figures.rows import Control
from clients.figures.spool import Spool

LOCK = 715_260_041
VALUES = (*MONEY, "trades")
# What a file does not say leaves what an earlier one said.
_NEW = {name: f"COALESCE(s.{name}, f.{name})" for name in VALUES}
# A month that so few of the file's rows speak of is a slip, no list to miss accounts in.
SLIP = 10
# So many missing accounts are one row of the report: a row each would cost more than the figures.
PAGE = 50

_STAGE = """
DROP TABLE IF EXISTS figures_staging, figures_faults, figures_known;
CREATE TEMP TABLE figures_staging (
    line integer, number_index bytea, last4 text, month date, assets numeric(18,2),
    net_inflow numeric(18,2), turnover numeric(18,2), commission numeric(18,2), trades integer,
    as_of date, branch text
) ON COMMIT DROP;
CREATE TEMP TABLE figures_faults (line integer, field text, reason text) ON COMMIT DROP;
"""
_JOIN = f"""
CREATE TEMP TABLE figures_known ON COMMIT DROP AS
SELECT s.line, s.last4, s.month, s.as_of, a.id AS account_id, a.client_id,
       f.as_of AS old_as_of,
       {", ".join(f"{new} AS {name}" for name, new in _NEW.items())},
       {", ".join(f"f.{name} AS old_{name}" for name in VALUES)},
       CASE WHEN a.id IS NULL THEN 'unknown'
            WHEN f.id IS NULL THEN 'new'
            WHEN s.as_of < f.as_of THEN 'older'
            WHEN ({", ".join(_NEW.values())}) IS DISTINCT FROM
                 ({", ".join(f"f.{name}" for name in VALUES)}) THEN 'changed'
            WHEN s.as_of > f.as_of THEN 'confirmed'
            ELSE 'same' END AS state
FROM figures_staging s
LEFT JOIN ({{accounts}}) a ON a.number_index = s.number_index
LEFT JOIN clients_monthlyfigure f ON f.account_id = a.id AND f.month = s.month;
UPDATE figures_known k SET state = 'repeated'
FROM (SELECT account_id, month, min(line) AS first FROM figures_known
      WHERE account_id IS NOT NULL GROUP BY account_id, month HAVING count(*) > 1) twice
WHERE k.account_id = twice.account_id AND k.month = twice.month AND k.line > twice.first;
ANALYZE figures_known (account_id, month, state);
"""  # noqa: S608
_ACCOUNTS = """
SELECT a.id, a.client_id, a.number_index, a.opened_on, a.closed_on FROM clients_fundaccount a
"""
_ACCOUNTS_OF = f"""{_ACCOUNTS}
JOIN clients_client c ON c.id = a.client_id WHERE c.branch_id = ANY (%(reach)s)
"""
_DIFFERENCE = "INSERT INTO clients_figuredifference (report_id, kind, line, account_id, last4, month, field, before, after, reason)"
_MISSING = "INSERT INTO clients_figuredifference (report_id, kind, last4, month, field, before, after, reason, accounts)"
_REPORT = f"""
{_DIFFERENCE}
SELECT %(report)s, 'refused', line, NULL, '', NULL, field, '', '', reason
FROM figures_faults ORDER BY line;
{_DIFFERENCE}
SELECT %(report)s, state, line, account_id, last4, month, '',
       CASE state WHEN 'older' THEN old_as_of::text ELSE '' END,
       CASE state WHEN 'older' THEN as_of::text ELSE '' END, ''
FROM figures_known WHERE state IN ('unknown', 'repeated', 'older') ORDER BY line;
{_MISSING}
SELECT %(report)s, 'missing', '', month, '', '', '', '', array_agg(id ORDER BY id)
FROM (
SELECT m.month, a.id, (row_number() OVER (PARTITION BY m.month ORDER BY a.id) - 1) / {PAGE} AS page
FROM (SELECT month FROM (SELECT month, count(*) AS seen, max(count(*)) OVER () AS most
                         FROM figures_known WHERE account_id IS NOT NULL GROUP BY month) counted
      WHERE seen * {SLIP} >= most) m
CROSS JOIN ({{accounts}}) a
WHERE a.opened_on < m.month + interval '1 month'
  AND (a.closed_on IS NULL OR a.closed_on >= m.month)
  AND NOT EXISTS (SELECT FROM figures_known k WHERE k.account_id = a.id AND k.month = m.month)
) missing
GROUP BY month, page ORDER BY month, page;
{_DIFFERENCE}
SELECT %(report)s, 'changed', k.line, k.account_id, k.last4, k.month, v.field,
       COALESCE(v.before, ''), v.after, ''
FROM figures_known k
CROSS JOIN LATERAL (VALUES
    {", ".join(f"('{name}', k.old_{name}::text, k.{name}::text)" for name in VALUES)}
) v (field, before, after)
WHERE k.state = 'changed' AND v.before IS DISTINCT FROM v.after
ORDER BY k.line;
"""  # noqa: S608
_UPSERT = f"""
INSERT INTO clients_monthlyfigure AS f
    (account_id, month, {", ".join(VALUES)}, source, as_of)
SELECT account_id, month, {", ".join(VALUES)}, %(source)s, as_of
FROM figures_known WHERE state IN ('new', 'changed', 'confirmed')
ORDER BY account_id, month
ON CONFLICT (account_id, month) DO UPDATE
SET {", ".join(f"{name} = EXCLUDED.{name}" for name in VALUES)},
    source = EXCLUDED.source, as_of = EXCLUDED.as_of
WHERE ({", ".join(f"f.{name}" for name in VALUES)}, f.as_of) IS DISTINCT FROM
      ({", ".join(f"EXCLUDED.{name}" for name in VALUES)}, EXCLUDED.as_of)
"""  # noqa: S608
_SUMS = f"""
SELECT branch, month, {", ".join(f"sum({name})" for name in VALUES)} FROM figures_staging
GROUP BY GROUPING SETS ((), (branch), (month), (branch, month))
"""  # noqa: S608
_TOUCHED = """
SELECT DISTINCT COALESCE(c.merged_into_id, c.id) FROM figures_known k
JOIN clients_client c ON c.id = k.client_id
WHERE k.state IN ('new', 'changed', 'confirmed')
"""

Sums = dict[tuple[str | None, date | None], dict[str, Decimal]]


@dataclass
class Loaded:
    """Counts of rows by kind, and keys of clients with changed figures."""

    counts: dict[str, int]
    missing: int
    totals_off: int
    months: list[date]
    clients: list[int] = field(default_factory=list)


def load(spool: Spool, *, report: int, source: str, reach: list[int] | None, dry: bool) -> Loaded:
    """Reconcile, write the report and, unless ``dry``, the figures; inside a transaction.

    ``reach``: branches whose accounts the file may speak of; another branch's are unknown to it.
    """
    accounts = _ACCOUNTS if reach is None else _ACCOUNTS_OF
    parameters: dict[str, Any] = {"report": report, "source": source, "reach": reach}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(_STAGE)
        _copy(cursor, "figures_staging", spool.figures)
        _copy(cursor, "figures_faults", spool.faults)
        cursor.execute("ANALYZE figures_staging (number_index, month)")
        cursor.execute(_JOIN.format(accounts=accounts), parameters)
        cursor.execute(_REPORT.format(accounts=accounts), parameters)
        totals = _totals(cursor, spool.controls)
        _write_totals(cursor, report, totals)
        if not dry:
            cursor.execute(_UPSERT, parameters)
        return _counted(cursor, report, len(totals), dry)


def _copy(cursor: Any, table: str, file: Path) -> None:
    with file.open("rb") as lines:
        cursor.copy_expert(f"COPY {table} FROM STDIN", lines)


def _counted(cursor: Any, report: int, totals_off: int, dry: bool) -> Loaded:
    cursor.execute("SELECT state, count(*) FROM figures_known GROUP BY state")
    counts = dict(cursor.fetchall())
    cursor.execute(
        "SELECT COALESCE(sum(cardinality(accounts)), 0) FROM clients_figuredifference"
        " WHERE report_id = %s AND kind = 'missing'",
        [report],
    )
    missing = cursor.fetchone()[0]
    cursor.execute("SELECT DISTINCT month FROM figures_known ORDER BY month")
    loaded = Loaded(counts, missing, totals_off, [month for (month,) in cursor.fetchall()])
    if not dry:
        cursor.execute(_TOUCHED)
        loaded.clients = [key for (key,) in cursor.fetchall()]
    return loaded


def _totals(cursor: Any, controls: list[Control]) -> list[tuple[Any, ...]]:
    """Stated totals that the file's own sound rows do not add up to."""
    if not controls:
        return []
    cursor.execute(_SUMS)
    sums: Sums = {
        (branch, month): dict(zip(VALUES, values, strict=True))
        for branch, month, *values in cursor.fetchall()
    }
    differences = []
    for control in controls:
        known = sums.get((control.branch or None, control.month), {})
        for name, text in zip(VALUES, (*control.money, control.trades), strict=True):
            stated = Decimal(text) if text is not None else None
            summed = known.get(name) or Decimal(0)
            if stated is not None and stated.quantize(Decimal("0.01")) != summed:
                of = f"{control.branch} {name}".strip()
                differences.append(
                    (control.line, control.month, of[-80:], str(summed), str(stated))
                )
    return differences


def _write_totals(cursor: Any, report: int, totals: list[tuple[Any, ...]]) -> None:
    for line, month, of, summed, stated in totals:
        cursor.execute(
            f"{_DIFFERENCE} VALUES (%s, 'total', %s, NULL, '', %s, %s, %s, %s, '')",
            [report, line, month, of, summed, stated],
        )
