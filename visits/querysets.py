"""Access to visits and callbacks: the client scope minus what is confidential (docs/access.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from clients.querysets import changed_by, has_no_scope_sql, may_record, seen_by, seen_sql
from staff.models import Employee

if TYPE_CHECKING:
    from clients.models import Client
    from visits.models import Callback, Occasion, Visit  # noqa: F401


class _Own(models.Func):
    """Whether an employee serves the client of a row or won them, now or in the past.

    Written out, since nearly every page asks it: to build the subquery from objects took longer
    than to answer it.
    """

    template = (
        "EXISTS (SELECT FROM clients_assignment own"
        " WHERE (own.client_id, own.employee_id) = (%(expressions)s))"
    )
    output_field = models.BooleanField()


def owns(employee: Employee, client: str) -> models.Q:
    """Whether the employee serves or won the client at the path ``client``, now or in the past."""
    return models.Q(_Own(models.F(client), models.Value(employee.pk)))


def _hidden_from(employee: Employee) -> models.Q:
    """Confidential rows of clients the employee serves or won, now or in the past.

    Employees with clients of their own see none of them: a colleague who substitutes the manager
    concerned sees no more than that one would.
    """
    if employee.branch_scope == []:
        return models.Q(confidential=True)
    return models.Q(
        models.Q(confidential=True), _Own(models.F("client"), models.Value(employee.pk))
    )


def told_sql(row: str, *, employee: str, has_no_scope: str) -> str:
    """SQL: whether a visit or callback of a client whom the employee sees is not hidden from them.

    The same as ``_hidden_from``, negated. ``employee`` is their key, ``has_no_scope`` whether they
    have a book of their own instead of a scope: both SQL or a parameter.
    """
    return f"""NOT ({row}.confidential AND ({has_no_scope} OR EXISTS (
        SELECT FROM clients_assignment own
        WHERE own.client_id = {row}.client_id AND own.employee_id = {employee})))"""


def visible_sql(row: str, *, today: str, employee: str = "e", client: str = "c") -> str:
    """SQL: the same as ``visible_to`` of visits and callbacks, for statements over many employees.

    ``row`` is the visit or callback, ``client`` its row of clients_client, ``employee`` one of
    staff_employee; ``today`` a date.
    """
    seen = seen_sql(today=today, employee=employee, client=client)
    told = told_sql(row, employee=f"{employee}.id", has_no_scope=has_no_scope_sql(employee))
    return f"({seen} AND {told})"


class VisitQuerySet(models.QuerySet["Visit"]):
    def visible_to(self, employee: Employee, *, confidential: bool = True) -> Self:
        """Visits of clients the employee may see, without the confidential ones about them.

        ``confidential=False``: without any, as lists and figures count (docs/figures.md).
        """
        rows = self.filter(seen_by(employee, "client__"))
        if not confidential:
            return rows.filter(confidential=False)
        return rows.exclude(_hidden_from(employee))

    def editable_by(self, employee: Employee) -> Self:
        """Visits the employee may correct: their own entries on clients they may still change.

        Confidential ones are answered for in compliance/, not here.
        """
        return self.filter(changed_by(employee, "client__"), employee=employee, confidential=False)

    def that_reached(self, client: Client) -> Self:
        """Contacts that reset the client's clock (docs/callbacks.md), those of merged records among them."""
        group = type(client)._default_manager.filter(
            models.Q(pk=client.pk) | models.Q(merged_into=client.pk)
        )
        rows = self.filter(reached=True, void=False, confidential=False)
        return rows.filter(client__in=group.order_by().values("pk"))


def acts_on(employee: Employee, callback: Callback) -> bool:
    """Whether ``editable_by`` has a callback that ``visible_to`` has shown, without asking again.

    Posts that may record change all that they see (``changed_by``), confidential rows apart.
    """
    return may_record(employee) and not callback.confidential


def corrects(employee: Employee, visit: Visit) -> bool:
    """Whether ``VisitQuerySet.editable_by`` has a visible visit, without another statement."""
    own = visit.employee_id == employee.pk
    return may_record(employee) and own and not visit.confidential


# Closed by the contact that closed the callback it was merged into: counted and listed with that one.
CLOSED_WITH_ANOTHER = models.Q(
    status="done", merged_into__isnull=False, merged_into__done_at=models.F("done_at")
)


class CallbackQuerySet(models.QuerySet["Callback"]):
    def visible_to(self, employee: Employee, *, confidential: bool = True) -> Self:
        """Callbacks of clients the employee may see, without the confidential ones about them.

        ``confidential=False``: without any, as lists and figures count (docs/figures.md).
        """
        rows = self.filter(seen_by(employee, "client__"))
        if not confidential:
            return rows.filter(confidential=False)
        return rows.exclude(_hidden_from(employee))

    def editable_by(self, employee: Employee) -> Self:
        """Callbacks the employee may act on: those of clients they may change.

        Confidential ones are worked in compliance/, not here.
        """
        return self.filter(changed_by(employee, "client__"), confidential=False)

    def open(self) -> Self:
        return self.filter(status="open")


class OccasionQuerySet(models.QuerySet["Occasion"]):
    def visible_to(self, employee: Employee) -> Self:
        """Occasions of clients the employee may see."""
        return self.filter(seen_by(employee, "client__"))

    def editable_by(self, employee: Employee) -> Self:
        """Those of clients the employee may change."""
        return self.filter(changed_by(employee, "client__"))
