"""The access rule (docs/access.md): one rule, one place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models

from staff.models import HEADS, Employee, Role

if TYPE_CHECKING:
    from clients.models import (
        DerivedProfile,  # noqa: F401
        FigureImport,  # noqa: F401
        FundAccount,  # noqa: F401
        MonthlyFigure,  # noqa: F401
    )

from typing import TYPE_CHECKING
from uuid import UUID

from staff.models import OWNERS

if TYPE_CHECKING:
    from clients.models import Client


class ClientQuerySet(models.QuerySet["Client"]):
    def visible_to(self, employee: Employee) -> Self:
        """Clients the employee may see; no rows for posts without a rule.

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
# Who sees the clients of a branch and those below it, and who sees those that they serve.
_SCOPED = frozenset({*HEADS, Role.COMPLIANCE})
_WITH_BOOK = frozenset({Role.MANAGER, Role.BROKER})


def seen_by(employee: Employee, client: str = "") -> models.Q:
    """The access rule over clients (docs/access.md); ``client`` is the path to one."""
    if not employee.is_authenticated or not employee.is_active:
        return _NOBODY
    scope = employee.branch_scope
    if scope is None:
        return models.Q()
    if scope:
        return models.Q(**{f"{client}branch__in": scope})
    if employee.role in _WITH_BOOK:
        absent = employee.stands_in_for
        if absent:
            return models.Q(**{f"{client}manager__in": [employee.pk, *absent]})
        return models.Q(**{f"{client}manager": employee})
    return _NOBODY


def changed_by(employee: Employee, client: str = "") -> models.Q:
    """The same for changing: those seen, for posts that may own clients."""
    return seen_by(employee, client) if may_record(employee) else _NOBODY


def _texts(roles: Iterable[str]) -> str:
    return ", ".join(f"'{role}'" for role in sorted(roles))


def seen_sql(*, today: str, employee: str = "e", client: str = "c") -> str:
    """The access rule as SQL, for statements over many employees: the same as ``seen_by``.

    Whether the row ``employee`` of staff_employee sees the row ``client`` of clients_client, on the
    date ``today`` (a parameter). Never NULL.
    """
    return f"""({employee}.is_active AND ({employee}.is_superuser OR CASE
        WHEN {employee}.role IN ({_texts(_SCOPED)}) THEN EXISTS (
            SELECT FROM staff_branch reach
            JOIN staff_branch place ON starts_with(place.path, reach.path)
            WHERE reach.id = {employee}.branch_id AND place.id = {client}.branch_id)
        WHEN {employee}.role IN ({_texts(_WITH_BOOK)}) THEN COALESCE(
            {client}.manager_id = {employee}.id OR ({client}.manager_id = ANY ({employee}.covers)
            AND {employee}.covers_until >= {today}), false)
        ELSE false END))"""


def changed_sql(*, today: str, employee: str = "e", client: str = "c") -> str:
    """The same as ``changed_by``: those seen, for posts that may own clients."""
    seen = seen_sql(today=today, employee=employee, client=client)
    return f"({seen} AND ({employee}.is_superuser OR {employee}.role IN ({_texts(OWNERS)})))"


def has_no_scope_sql(employee: str = "e") -> str:
    """SQL: whether the employee sees no branch as a whole, as an empty ``branch_scope`` says."""
    scoped = f"{employee}.role IN ({_texts(_SCOPED)}) AND {employee}.branch_id IS NOT NULL"
    return f"NOT ({employee}.is_superuser OR {scoped})"


def may_record(employee: Employee) -> bool:
    """Whether the employee's post may record and change clients at all."""
    return employee.is_superuser or employee.role in OWNERS


class FundAccountQuerySet(models.QuerySet["FundAccount"]):
    def visible_to(self, employee: Employee) -> Self:
        """Accounts of clients whom the employee may see."""
        return self.filter(seen_by(employee, "client__"))

    def editable_by(self, employee: Employee) -> Self:
        """Accounts of clients whom the employee may change."""
        return self.filter(changed_by(employee, "client__"))


class MonthlyFigureQuerySet(models.QuerySet["MonthlyFigure"]):
    def visible_to(self, employee: Employee) -> Self:
        """Figures of clients whom the employee may see."""
        return self.filter(seen_by(employee, "account__client__"))


class DerivedProfileQuerySet(models.QuerySet["DerivedProfile"]):
    def visible_to(self, employee: Employee) -> Self:
        """Derived profiles of clients whom the employee may see."""
        return self.filter(seen_by(employee, "client__"))


class FigureImportQuerySet(models.QuerySet["FigureImport"]):
    def visible_to(self, employee: Employee) -> Self:
        """Reports about branches within the reader's reach; those of the firm for the firm."""
        reach = reconciled_branches(employee)
        if reach is None:
            return self.all()
        return self.filter(branch__in=reach)

    def startable_by(self, employee: Employee) -> Self:
        """Dry runs that the employee may import: their own."""
        if not may_import_figures(employee):
            return self.none()
        return self.visible_to(employee).filter(by=employee, dry_run=True)


_IMPORTERS = frozenset({*HEADS, Role.OPERATIONS})


def may_import_figures(employee: Employee) -> bool:
    """Heads and operations for their branches, administrators for the firm."""
    return employee.is_active and (employee.is_superuser or employee.role in _IMPORTERS)


def reconciled_branches(employee: Employee) -> list[int] | None:
    """Branches whose reports the employee reads; ``None`` means the firm.

    A report names no client and no more than four digits of an account, so operations, who see no
    client, may read and make one: the file comes from them.
    """
    if not employee.is_authenticated or not employee.is_active:
        return []
    if employee.is_superuser:
        return None
    if employee.role not in {*_IMPORTERS, Role.COMPLIANCE} or employee.branch is None:
        return []
    return None if employee.branch.parent_id is None else employee.branch.subtree_ids()
