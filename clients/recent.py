"""The clients that an employee opened last, for the search box.

Kept in the cache by key only: losing them harms nobody, and who may see a client is asked anew.
"""

from __future__ import annotations

from django.core.cache import cache

from clients.models import Client
from staff.models import Employee

KEPT = 8
_DAYS = 30 * 24 * 3600


def remember(employee: Employee, client: Client) -> None:
    """Put a client first on the list of the employee."""
    before = _keys(employee)
    if before[:1] != [client.pk]:
        kept = [client.pk, *(key for key in before if key != client.pk)][:KEPT]
        cache.set(_name(employee), kept, _DAYS)


def recent(employee: Employee) -> list[Client]:
    """Those that are still in sight, the last one first."""
    keys = _keys(employee)
    if not keys:
        return []
    rows = Client.objects.visible_to(employee).filter(pk__in=keys)
    by_key = {row.pk: row for row in rows.only("public_id", "name", "title", "lifecycle")}
    return [by_key[key] for key in keys if key in by_key]


def _name(employee: Employee) -> str:
    return f"recent:{employee.pk}"


def _keys(employee: Employee) -> list[int]:
    keys: list[int] = cache.get(_name(employee), [])
    return keys
