"""Who is away, and who stands in."""

from __future__ import annotations

from typing import Self

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from staff.models.people import Employee


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def visible_to(self, employee: Employee) -> Self:
        """One's own, those one stands in for, and those of one's branches."""
        own = Q(employee=employee) | Q(substitute=employee)
        if employee.is_superuser or (employee.is_head and employee.branch_scope is None):
            return self
        if employee.is_head:
            own |= Q(employee__branch__in=employee.branch_scope or [])
        return self.filter(own)

    def editable_by(self, employee: Employee) -> Self:
        """One's own; a head's, those of the branches. Not those one merely stands in for."""
        rows = self.visible_to(employee)
        return rows if employee.is_head or employee.is_superuser else rows.filter(employee=employee)


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="AbsenceEvent",
)
class Absence(models.Model):
    """Days on which an employee makes no calls, and who looks after the clients meanwhile."""

    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="absences", verbose_name=_("employee")
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    substitute = models.ForeignKey(
        Employee,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="substitutions",
        verbose_name=_("substitute"),
        help_text=_("Sees and serves the clients on these days."),
    )
    reason = models.CharField(_("reason"), max_length=200)
    entered_by = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered at"), auto_now_add=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-id"]
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        indexes = [
            models.Index(
                fields=["employee", "ends_on"],
                condition=Q(cancelled_at__isnull=True),
                name="absence_of_employee",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="absence_period",
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                condition=Q(substitute__isnull=True) | ~Q(substitute=F("employee")),
                name="absence_substitute_is_another",
                violation_error_message=_("The substitute must be somebody else."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee} · {self.starts_on} – {self.ends_on}"
