"""What a row of the client list says that stands in other tables: one statement for a page."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from crm import crypto
from crm.trading_days import today


class Beside(NamedTuple):
    """The last four digits of the first phone ('' without one), and how the assets changed.

    ``change``: percent since the end of the month before; ``None`` where an account has no figure
    of that month, or the figures of the accounts are of different months.
    """

    tail: str
    change: Decimal | None


# Accounts stay with the record that they were opened for: those of merged records count as well.
_BESIDE = """
SELECT c.id, p.ciphertext, p.key_id, a.change
FROM unnest(%(clients)s::bigint[]) c (id)
LEFT JOIN LATERAL (
    SELECT p.ciphertext, p.key_id FROM clients_phone p
    WHERE p.client_id = c.id AND p.valid_to IS NULL
    ORDER BY p.is_primary DESC, p.id LIMIT 1) p ON true
LEFT JOIN LATERAL (
    SELECT 100 * (sum(newest.assets) - sum(before.assets)) / sum(before.assets) AS change
    FROM clients_fundaccount f
    CROSS JOIN LATERAL (
        SELECT m.month, m.assets FROM clients_monthlyfigure m
        WHERE m.account_id = f.id AND m.month <= %(today)s ORDER BY m.month DESC LIMIT 1) newest
    LEFT JOIN clients_monthlyfigure before
      ON before.account_id = f.id AND before.month = (newest.month - interval '1 month')::date
    WHERE f.client_id IN (SELECT c.id UNION ALL
                          SELECT o.id FROM clients_client o WHERE o.merged_into_id = c.id)
      AND (f.closed_on IS NULL OR f.closed_on > %(today)s)
    HAVING sum(before.assets) > 0 AND bool_and(before.id IS NOT NULL)
       AND min(newest.month) = max(newest.month)) a ON true
"""


def read(clients: Collection[int]) -> dict[int, Beside]:
    """By key; ``clients`` were read through the scope."""
    if not clients:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, {"clients": list(clients), "today": today()})
        return {
            key: Beside(crypto.decrypt(cipher, by)[-4:] if cipher is not None else "", change)
            for key, cipher, by, change in cursor.fetchall()
        }
