"""Access to opportunities: the client scope (design §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from clients.querysets import changed_by, seen_by
from staff.models import Employee

if TYPE_CHECKING:
    from pipeline.models import Opportunity  # noqa: F401


class OpportunityQuerySet(models.QuerySet["Opportunity"]):
    def visible_to(self, employee: Employee) -> Self:
        return self.filter(seen_by(employee, "client__"))

    def editable_by(self, employee: Employee) -> Self:
        return self.filter(changed_by(employee, "client__"))
