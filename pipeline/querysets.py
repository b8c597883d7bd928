"""Access to opportunities: the client scope (design §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from clients.models import Client
from staff.models import Employee

if TYPE_CHECKING:
    from pipeline.models import Opportunity  # noqa: F401


class OpportunityQuerySet(models.QuerySet["Opportunity"]):
    def visible_to(self, employee: Employee) -> Self:
        return self.filter(client__in=Client.objects.visible_to(employee))

    def editable_by(self, employee: Employee) -> Self:
        return self.filter(client__in=Client.objects.editable_by(employee))
