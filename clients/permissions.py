"""Permissions to import and export, by branch."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.policies import PolicyDefinition
from crm.trading_days import today
from staff import policies
from staff.models import HEADS, OWNERS, Branch, Employee, Role

APPROVAL_ROWS = PolicyDefinition(
    key="export_approval_rows",
    type="integer",
    unit="clients",
    default=500,
    meaning=_("Clients in an export above which it waits for approval"),
)
BY_MANAGERS = PolicyDefinition(
    key="export_by_managers",
    type="yes_no",
    unit="yes_no",
    default=0,
    meaning=_("Managers and brokers may export their own clients"),
)
POLICIES = (APPROVAL_ROWS, BY_MANAGERS)


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
    return employee.role in OWNERS and _number(BY_MANAGERS, employee) > 0


def may_clear(employee: Employee) -> bool:
    """Whether the employee may ask for numbers in the clear at all."""
    return employee.is_superuser or employee.role in HEADS


def limit(employee: Employee) -> int:
    """Up to so many clients leave in a day without somebody else's approval."""
    return _number(APPROVAL_ROWS, employee)


def _number(policy: PolicyDefinition, employee: Employee) -> int:
    return int(policies.number(policy, on=today(), branch=employee.branch))
