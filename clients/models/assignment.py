"""Who serves and who won a client, from when to when."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models.client import Client
from staff.models import OWNERS, Employee

_OWNERS = ", ".join(f"'{role}'" for role in sorted(OWNERS))
# Only the fixed names of posts go into the text of the trigger.
_REFUSE_OTHERS = f"""
    IF NOT EXISTS (SELECT 1 FROM staff_employee
                   WHERE id = NEW.employee_id AND role IN ({_OWNERS})) THEN
        RAISE EXCEPTION 'this post may not own clients'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assignment_owner_posts_only';
    END IF;
    RETURN NEW;
"""  # noqa: S608


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="AssignmentEvent",
)
class Assignment(models.Model):
    """An employee's tie to a client. At most one open ``serves`` per client.

    Posts in compliance, operations and administration are refused by a trigger: they never own
    clients (docs/rules.md#prohibited-conduct).
    """

    class Kind(models.TextChoices):
        SERVES = "serves", _("Serves")
        DEVELOPED = "developed", _("Developed")

    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("client")
    )
    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("employee")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")

    class Meta:
        ordering = ["client", "-valid_from", "-id"]
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(kind="serves", valid_to__isnull=True),
                name="assignment_one_serves",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="assignment_period",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="owner_posts_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("employee_id"),
                func=_REFUSE_OTHERS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee} · {self.get_kind_display()} · {self.valid_from}"
