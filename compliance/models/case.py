"""Exception cases: findings of return visits, hidden from the employees concerned."""

from __future__ import annotations

import uuid

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clients.models import Client
from compliance.querysets import ExceptionCaseQuerySet
from crm.addresses import address
from staff.models import Employee
from visits.models import Visit


class ExceptionCase(models.Model):
    """Answers that must be examined: an operated account, a mandate, a promise (docs/rules.md).

    What was found never changes; the state goes on from open to looked into to closed.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("case", "Open")
        LOOKED_INTO = "looking", _("Being looked into")
        CLOSED = "closed", pgettext_lazy("case", "Closed")

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, db_default=RandomUUID())
    visit = models.OneToOneField(
        Visit, on_delete=models.PROTECT, related_name="exception_case", verbose_name=_("visit")
    )
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="exception_cases", verbose_name=_("client")
    )
    # Who served the client at that moment: the case is hidden from them, whatever they become.
    concerned = models.ForeignKey(
        Employee,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("manager concerned"),
    )
    # [{"step": title, "prompt": text asked, "answer": text}]: the answers that opened it.
    findings = models.JSONField(_("answers to be examined"))
    state = models.CharField(
        _("state"), max_length=8, choices=State.choices, default=State.OPEN, db_default=State.OPEN
    )
    opened_at = models.DateTimeField(_("opened at"), auto_now_add=True, db_default=Now())
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = models.ForeignKey(
        Employee,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("closed by"),
    )

    objects = ExceptionCaseQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("exception case")
        verbose_name_plural = _("exception cases")
        indexes = [models.Index(fields=["state", "-id"], name="exceptioncase_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False, closed_by__isnull=False)
                | (~Q(state="closed") & Q(closed_at__isnull=True, closed_by__isnull=True)),
                name="exceptioncase_closed",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'UPDATE' AND OLD.state <> 'closed'
                       AND to_jsonb(OLD) - '{state,closed_at,closed_by_id}'::text[]
                         = to_jsonb(NEW) - '{state,closed_at,closed_by_id}'::text[] THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'an exception case is kept as it was found'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'exceptioncase_kept';
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} · {self.get_state_display()}"

    def get_absolute_url(self) -> str:
        return address("compliance:case", self.public_id)


class CaseStep(models.Model):
    """A step of the investigation, with a comment. Append-only."""

    class Action(models.TextChoices):
        OPENED = "opened", pgettext_lazy("case", "Opened")
        LOOKED_INTO = "looking", _("Being looked into")
        NOTE = "note", _("Note")
        CLOSED = "closed", pgettext_lazy("case", "Closed")

    case = models.ForeignKey(
        ExceptionCase, on_delete=models.PROTECT, related_name="steps", verbose_name=_("case")
    )
    action = models.CharField(_("action"), max_length=8, choices=Action.choices)
    words = models.TextField(_("words"), blank=True, default="")
    employee = models.ForeignKey(
        Employee,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"), auto_now_add=True, db_default=Now())

    class Meta:
        ordering = ["-id"]
        verbose_name = _("step of an exception case")
        verbose_name_plural = _("steps of exception cases")
        constraints = [
            models.CheckConstraint(
                condition=~Q(action__in=["note", "closed"]) | ~Q(words=""),
                name="casestep_has_words",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.get_action_display()}"
