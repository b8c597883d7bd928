"""Access to what the ranking keeps: the client scope of the opportunity (docs/access.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from clients.querysets import changed_by, seen_by
from staff.models import Employee

if TYPE_CHECKING:
    from pipeline.models import RankingOverride, RankingScore  # noqa: F401


class RankingScoreQuerySet(models.QuerySet["RankingScore"]):
    def visible_to(self, employee: Employee) -> Self:
        """Scores of opportunities in sight."""
        known = employee.is_authenticated and employee.is_active
        if known and (scope := employee.branch_scope):
            return self.filter(branch__in=scope)  # the same rule, by an index of these rows
        return self.filter(seen_by(employee, "opportunity__"))


class RankingOverrideQuerySet(models.QuerySet["RankingOverride"]):
    def visible_to(self, employee: Employee) -> Self:
        """Overrides of opportunities in sight."""
        return self.filter(seen_by(employee, "opportunity__"))

    def editable_by(self, employee: Employee) -> Self:
        """Those of opportunities that the employee may change."""
        return self.filter(changed_by(employee, "opportunity__"))
