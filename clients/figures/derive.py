"""Values derived from figures: size, style, commission tier and activity (D-03, D-17).

A client's own month is the latest one that the back office reported, so a client whose figures
stop keeps the state they ended with. Accounts are added up, those of merged clients too.

- Size: the assets last reported of each open account, by the bounds that the names of the sizes
  state; these bounds are no setting, because they are what the names say.
- Style: turnover of up to twelve months, as a multiple a year of the average assets. Fewer than
  three months that state a turnover, or no assets, tell nothing: the style stays as it is.
- Commission tier: commission of up to twelve months, brought to a year, by ``figures_commission_*``.
  Fewer than three months that state one tell nothing, and the client has no tier.
- Dormant: no trade for ``figures_dormant_months``, or none for ``figures_half_dormant_months`` with
  assets under ``figures_dormant_assets``. Half-dormant: no trade for
  ``figures_half_dormant_months``, or in these months both assets and turnover under
  ``figures_half_dormant_amount``. Else active.

These bounds are policies, versioned by date; the nearest branch's row wins.
What a person typed gives way once figures exist, and the profile keeps what it was and since when.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import time
from typing import Any

from django.db import connection, transaction

from clients.figures.policies import LIMITS
from clients.models import InvestmentSize
from clients.segments.classification import classify
from crm.nightly import claim
from crm.trading_days import today
from staff.policies import by_branch, nearest

# Up to which assets (CNY) a size reaches; the labels of InvestmentSize say the same.
SIZES = (
    (100_000, InvestmentSize.SMALL),
    (500_000, InvestmentSize.MEDIUM),
    (3_000_000, InvestmentSize.LARGE),
)
# Months that are looked back on, before today and before the client's latest.
REACH, YEAR, ENOUGH = 36, 12, 3
# Before the classification of the night.
NIGHTLY_AT = time(1, 30)
_SIZE = " ".join(f"WHEN assets < {bound} THEN '{size.value}'" for bound, size in SIZES)

_TARGET = f"""
CREATE TEMP TABLE figures_target ON COMMIT DROP AS
WITH limits AS MATERIALIZED (
    SELECT b.id AS branch_id, {", ".join(f"{nearest(name)} AS {name}" for name in LIMITS)}
    FROM staff_branch b
), months AS MATERIALIZED (
    SELECT (date_trunc('month', %(today)s::date) - n * interval '1 month')::date AS month, n
    FROM generate_series(0, {REACH - 1}) n
), accounts AS MATERIALIZED (
    SELECT a.id AS account_id, owner.id AS client_id, owner.branch_id,
           max(newest.month) OVER own AS latest_on,
           COALESCE(sum(newest.assets) FILTER (WHERE a.closed_on IS NULL
                                                  OR a.closed_on > %(today)s) OVER own, 0) AS assets
    FROM clients_fundaccount a
    JOIN clients_client c ON c.id = a.client_id
    JOIN clients_client owner ON owner.id = COALESCE(c.merged_into_id, c.id)
    -- By the index of accounts and months, which reads one row of each account.
    CROSS JOIN LATERAL (
        SELECT f.month, f.assets FROM clients_monthlyfigure f
        WHERE f.account_id = a.id
          AND f.month BETWEEN (SELECT min(month) FROM months) AND (SELECT max(month) FROM months)
        ORDER BY f.month DESC LIMIT 1
    ) newest
    WHERE owner.lifecycle = 'client' {{chosen}}
    WINDOW own AS (PARTITION BY owner.id)
), facts AS (
    SELECT a.client_id, max(f.as_of) AS as_of, max(a.assets) AS assets,
           sum(f.turnover) FILTER (WHERE m.n - latest.n < {YEAR}) AS year_turnover,
           -- An unknown turnover is not zero: its assets do not count against it either.
           sum(f.assets) FILTER (WHERE m.n - latest.n < {YEAR} AND f.turnover IS NOT NULL)
               AS year_assets,
           -- A bit for each month, because an account more makes no month more.
           bit_count(bit_or(1 << (m.n - latest.n))
                     FILTER (WHERE m.n - latest.n < {YEAR} AND f.turnover IS NOT NULL)::bit(12))
               AS known,
           sum(f.commission) FILTER (WHERE m.n - latest.n < {YEAR}) AS year_commission,
           bit_count(bit_or(1 << (m.n - latest.n))
                     FILTER (WHERE m.n - latest.n < {YEAR} AND f.commission IS NOT NULL)::bit(12))
               AS charged,
           COALESCE(min(m.n - latest.n) FILTER (WHERE f.trades > 0 OR f.turnover > 0
                                                   OR f.trades IS NULL AND f.turnover IS NULL),
                    max(m.n - latest.n) + 1) AS idle,
           -- Asked for where the assets are small, only.
           sum(f.turnover) FILTER (WHERE a.assets < l.half_dormant_amount
                                     AND m.n - latest.n < l.half_dormant_months) AS recent_turnover,
           bool_and(f.turnover IS NOT NULL) FILTER (WHERE m.n - latest.n < l.half_dormant_months)
               AS recent_known
    FROM clients_monthlyfigure f
    JOIN months m ON m.month = f.month
    JOIN accounts a ON a.account_id = f.account_id
    JOIN months latest ON latest.month = a.latest_on
    JOIN limits l ON l.branch_id = a.branch_id
    GROUP BY a.client_id
), rated AS (
    SELECT facts.*,
           -- Of a year, over the average month: both are sums of as many months.
           CASE WHEN known >= {ENOUGH} AND year_assets > 0
                THEN least(year_turnover * {YEAR} / year_assets, 9999999)::numeric(12,2)
           END AS rate,
           CASE WHEN charged >= {ENOUGH}
                THEN (year_commission * {YEAR} / charged)::numeric(18,2) END AS commission
    FROM facts
)
SELECT r.client_id, r.as_of, r.assets, r.rate, r.idle,
       CASE {_SIZE} ELSE '{InvestmentSize.VERY_LARGE.value}' END AS size,
       CASE WHEN rate IS NULL THEN ''
            WHEN rate >= l.style_aggressive THEN 'aggressive'
            WHEN rate >= l.style_balanced THEN 'balanced'
            ELSE 'conservative' END AS style,
       r.commission,
       CASE WHEN commission IS NULL THEN ''
            WHEN commission >= l.commission_top THEN 'top'
            WHEN commission >= l.commission_high THEN 'high'
            WHEN commission >= l.commission_medium THEN 'medium'
            ELSE 'low' END AS tier,
       CASE WHEN idle >= l.dormant_months
              OR idle >= l.half_dormant_months AND assets < l.dormant_assets THEN 'dormant'
            WHEN idle >= l.half_dormant_months
              OR assets < l.half_dormant_amount AND recent_turnover < l.half_dormant_amount
                 AND recent_known
            THEN 'half_dormant'
            ELSE 'active' END AS activity,
       c.investment_size AS had_size, c.investment_style AS had_style
FROM rated r
JOIN clients_client c ON c.id = r.client_id
JOIN limits l ON l.branch_id = c.branch_id;
ANALYZE figures_target (client_id);
"""  # noqa: S608
# By index over all records of the client's group.
_CHOSEN = "AND (c.id = ANY (%(clients)s) OR c.merged_into_id = ANY (%(clients)s))"
# A value that differs from the new one, and from what was derived last, was typed or imported.
_PROFILE = """
INSERT INTO clients_derivedprofile AS p
    (client_id, as_of, assets, turnover_rate, idle_months, investment_size, investment_style,
     commission, commission_tier, activity, replaced_size, replaced_style, replaced_on)
SELECT client_id, as_of, assets, rate, idle, size, style, commission, tier, activity,
       CASE WHEN had_size <> size THEN had_size ELSE '' END,
       CASE WHEN style <> '' AND had_style <> style THEN had_style ELSE '' END,
       CASE WHEN had_size NOT IN ('', size) OR style <> '' AND had_style NOT IN ('', style)
            THEN %(today)s::date END
FROM figures_target ORDER BY client_id
ON CONFLICT (client_id) DO UPDATE SET
    as_of = EXCLUDED.as_of, assets = EXCLUDED.assets, turnover_rate = EXCLUDED.turnover_rate,
    idle_months = EXCLUDED.idle_months, investment_size = EXCLUDED.investment_size,
    investment_style = EXCLUDED.investment_style, commission = EXCLUDED.commission,
    commission_tier = EXCLUDED.commission_tier, activity = EXCLUDED.activity,
    replaced_size = CASE WHEN EXCLUDED.replaced_size NOT IN ('', p.investment_size)
                         THEN EXCLUDED.replaced_size ELSE p.replaced_size END,
    replaced_style = CASE WHEN EXCLUDED.replaced_style NOT IN ('', p.investment_style)
                          THEN EXCLUDED.replaced_style ELSE p.replaced_style END,
    replaced_on = CASE WHEN EXCLUDED.replaced_size NOT IN ('', p.investment_size)
                         OR EXCLUDED.replaced_style NOT IN ('', p.investment_style)
                       THEN %(today)s::date ELSE p.replaced_on END
WHERE (p.as_of, p.assets, p.turnover_rate, p.idle_months, p.investment_size, p.investment_style,
       p.commission, p.commission_tier, p.activity) IS DISTINCT FROM
      (EXCLUDED.as_of, EXCLUDED.assets, EXCLUDED.turnover_rate, EXCLUDED.idle_months,
       EXCLUDED.investment_size, EXCLUDED.investment_style, EXCLUDED.commission,
       EXCLUDED.commission_tier, EXCLUDED.activity)
   OR EXCLUDED.replaced_size NOT IN ('', p.investment_size)
   OR EXCLUDED.replaced_style NOT IN ('', p.investment_style)
"""
_CLIENTS = """
UPDATE clients_client c SET
    investment_size = t.size,
    investment_style = CASE WHEN t.style = '' THEN c.investment_style ELSE t.style END,
    commission_tier = t.tier, activity = t.activity,
    activity_on = CASE WHEN c.activity = t.activity THEN c.activity_on ELSE t.as_of END,
    version = c.version + 1, updated_at = now()
FROM figures_target t
WHERE c.id = t.client_id
  AND (c.investment_size <> t.size OR c.commission_tier <> t.tier OR c.activity <> t.activity
       OR t.style <> '' AND c.investment_style <> t.style)
RETURNING c.id
"""


def derive(*, clients: Collection[int] | None = None) -> int:
    """Derive size, style, commission tier and activity of these clients or of the firm, and classify anew.

    Set-based and one transaction; only what differs is written. Returns how many clients changed.
    """
    if clients is not None and not clients:
        return 0
    parameters: dict[str, Any] = {
        "today": today(),
        "clients": None if clients is None else list(clients),
        **by_branch(LIMITS, on=today()),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # One group a client is held in memory, in one pass.
        cursor.execute("SET LOCAL work_mem = '64MB'; DROP TABLE IF EXISTS figures_target")
        chosen = "" if clients is None else _CHOSEN
        cursor.execute(_TARGET.format(chosen=chosen), parameters)
        cursor.execute(_PROFILE, parameters)
        cursor.execute(_CLIENTS, parameters)
        changed = [key for (key,) in cursor.fetchall()]
        classify(clients=changed)
    return len(changed)


def derive_nightly() -> int | None:
    """Derive the firm once a night: bounds begin and end by date, and a month ages.

    Returns how many clients changed, or ``None`` where there was nothing to do.
    """
    with transaction.atomic():
        return derive() if claim("figures", NIGHTLY_AT) else None
