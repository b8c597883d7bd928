"""The access rule (design §3): one rule, one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from staff.models import OWNERS, Employee, Role

if TYPE_CHECKING:
    from clients.models import Client  # noqa: F401


class ClientQuerySet(models.QuerySet["Client"]):
    def visible_to(self, employee: Employee) -> Self:
        """Clients the employee may see; ``none()`` for whoever the rule does not know."""
        if not employee.is_authenticated or not employee.is_active:
            return self.none()
        scope = employee.branch_scope
        if scope is None:
            return self
        if scope:
            return self.filter(branch__in=scope)
        if employee.role in {Role.MANAGER, Role.BROKER}:
            return self.filter(manager=employee)
        return self.none()

    def editable_by(self, employee: Employee) -> Self:
        """Clients the employee may change: those seen, for posts that may own clients."""
        if may_record(employee):
            return self.visible_to(employee)
        return self.none()


def may_record(employee: Employee) -> bool:
    """Whether the employee's post may record and change clients at all."""
    return employee.is_superuser or employee.role in OWNERS
