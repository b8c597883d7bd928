"""Permissions to import and export, by branch."""

from __future__ import annotations

from decimal import Decimal

from crm.trading_days import today
from staff.models import HEADS, OWNERS, Branch, Employee, Policy, Role


def may_import(employee: Employee) -> bool:
    """Heads into their branches, administrators into those that they administer."""
    return employee.is_superuser or employee.role in {*HEADS, Role.ADMINISTRATOR}


def branches_for(employee: Employee) -> list[Branch]:
    """Branches whose clients the employee may import."""
    active = Branch.objects.filter(is_active=True).order_by("path")
    if not may_import(employee):
        return []
    if employee.administers_firm:
        return list(active)
    if employee.branch is None:
        return []
    return list(active.filter(path__startswith=employee.branch.path))


def may_export(employee: Employee) -> bool:
    """Whether the employee may export: heads and superusers, others by the branch's policy."""
    if employee.is_superuser or employee.role in HEADS:
        return True
    return employee.role in OWNERS and _policy("export_by_managers", employee, Decimal(0)) > 0


def may_clear(employee: Employee) -> bool:
    """Whether the employee may ask for numbers in the clear at all."""
    return employee.is_superuser or employee.role in HEADS


def limit(employee: Employee) -> int:
    """Number of clients that may be exported in a day without approval."""
    return int(_policy("export_approval_rows", employee, Decimal(500)))


def _policy(key: str, employee: Employee, otherwise: Decimal) -> Decimal:
    return Policy.objects.number(key, on=today(), branch=employee.branch, default=otherwise)
