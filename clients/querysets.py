"""The access rule (docs/access.md): one rule, one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models

from staff.models import OWNERS, Employee, Role

if TYPE_CHECKING:
    from clients.models import Client


class ClientQuerySet(models.QuerySet["Client"]):
    def visible_to(self, employee: Employee) -> Self:
        """Clients the employee may see; ``none()`` for whoever the rule does not know.

        Those that were merged are seen as the client they were merged into.
        """
        return self.filter(seen_by(employee), merged_into=None)

    def editable_by(self, employee: Employee) -> Self:
        """Clients the employee may change: those seen, for posts that may own clients."""
        return self.filter(changed_by(employee), merged_into=None)

    def survivor_of(self, public_id: UUID) -> Client | None:
        """The one of these that the client of this address was merged into, if it was."""
        return self.filter(merged_clients__public_id=public_id).first()


_NOBODY = models.Q(pk__in=[])


def seen_by(employee: Employee, client: str = "") -> models.Q:
    """The access rule over clients (docs/access.md); ``client`` is the path to one."""
    if not employee.is_authenticated or not employee.is_active:
        return _NOBODY
    scope = employee.branch_scope
    if scope is None:
        return models.Q()
    if scope:
        return models.Q(**{f"{client}branch__in": scope})
    if employee.role in {Role.MANAGER, Role.BROKER}:
        absent = employee.stands_in_for
        if absent:
            return models.Q(**{f"{client}manager__in": [employee.pk, *absent]})
        return models.Q(**{f"{client}manager": employee})
    return _NOBODY


def changed_by(employee: Employee, client: str = "") -> models.Q:
    """The same for changing: those seen, for posts that may own clients."""
    return seen_by(employee, client) if may_record(employee) else _NOBODY


def may_record(employee: Employee) -> bool:
    """Whether the employee's post may record and change clients at all."""
    return employee.is_superuser or employee.role in OWNERS
