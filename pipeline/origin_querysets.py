"""Access to QR codes and to what came in through them (docs/access.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from clients.querysets import changed_by, seen_by
from staff.models import Employee

if TYPE_CHECKING:
    from pipeline.models import CaptureLink  # noqa: F401


class CaptureLinkQuerySet(models.QuerySet["CaptureLink"]):
    def visible_to(self, employee: Employee) -> Self:
        """One's own: the code stands for the person."""
        return self.filter(employee=employee)

    def editable_by(self, employee: Employee) -> Self:
        return self.filter(employee=employee)


class CaptureEntryQuerySet(models.QuerySet[Any]):
    """Rows of one client each."""

    def visible_to(self, employee: Employee) -> Self:
        return self.filter(seen_by(employee, "client__"))

    def editable_by(self, employee: Employee) -> Self:
        return self.filter(changed_by(employee, "client__"))
