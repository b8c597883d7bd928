"""Runs, reminders and digests: the row is the reminder, a message is a hint (docs/callbacks.md)."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clients.models import Segment
from staff.models import Employee, Role
from visits.models.callback import Callback
from visits.models.endpoint import Endpoint


class PlanningRun(models.Model):
    """One nightly planning of a segment. Unique per segment and date: two beats are harmless."""

    segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, related_name="planning_runs", verbose_name=_("segment")
    )
    day = models.DateField(_("date"))
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    # When the work was last handed to a worker; a sweep hands it out again after a while.
    sent_at = models.DateTimeField(_("sent at"))
    created = models.PositiveIntegerField(_("created"), default=0)
    kept = models.PositiveIntegerField(_("kept"), default=0)
    moved = models.PositiveIntegerField(_("moved"), default=0)
    cancelled = models.PositiveIntegerField(_("cancelled"), default=0)

    class Meta:
        ordering = ["-day", "segment"]
        verbose_name = _("planning run")
        verbose_name_plural = _("planning runs")
        constraints = [
            models.UniqueConstraint(fields=["segment", "day"], name="planningrun_once"),
        ]

    def __str__(self) -> str:
        return f"{self.segment} · {self.day}"


class ReminderRun(models.Model):
    """One reminding of a segment. Unique per segment and trading day."""

    segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, related_name="reminder_runs", verbose_name=_("segment")
    )
    day = models.DateField(_("date"))
    # The plan's reminder time: digests of one slot are sent together.
    slot = models.TimeField(_("slot"))
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"))

    class Meta:
        ordering = ["-day", "segment"]
        verbose_name = _("reminder run")
        verbose_name_plural = _("reminder runs")
        constraints = [
            models.UniqueConstraint(fields=["segment", "day"], name="reminderrun_once"),
        ]

    def __str__(self) -> str:
        return f"{self.segment} · {self.day}"


class DeliveryChannel(models.TextChoices):
    IN_APP = "in_app", _("In the app")
    EMAIL = "email", _("E-mail")
    ENDPOINT = "endpoint", _("Own address")


class DigestQuerySet(models.QuerySet["Digest"]):
    def visible_to(self, employee: Employee) -> Self:
        """The employee's own; administrators see those of their branches or of the firm."""
        if employee.administers_firm and (
            employee.is_superuser or employee.role == Role.ADMINISTRATOR
        ):
            return self
        if employee.role == Role.ADMINISTRATOR and employee.branch:
            return self.filter(
                Q(employee=employee) | Q(employee__branch__path__startswith=employee.branch.path)
            )
        return self.filter(employee=employee)


class Digest(models.Model):
    """The unit of delivery: one message per employee, trading day, slot and channel."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        LEASED = "leased", _("Being sent")
        SENT = "sent", pgettext_lazy("delivery", "Sent")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="digests", verbose_name=_("employee")
    )
    day = models.DateField(_("date"))
    slot = models.TimeField(_("slot"))
    channel = models.CharField(_("channel"), max_length=10, choices=DeliveryChannel.choices)
    endpoint = models.ForeignKey(
        Endpoint,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="digests",
        verbose_name=_("address"),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.WAITING
    )
    sealed_at = models.DateTimeField(_("sealed at"), null=True, blank=True)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # Each try anew by hand allows some more; the count of attempts itself never goes back.
    attempts_allowed = models.PositiveSmallIntegerField(
        _("attempts allowed"), default=5, db_default=5
    )
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True, default="")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = DigestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "day", "slot", "channel", "endpoint"],
                name="digest_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(
                fields=["day", "slot"],
                condition=Q(status__in=["waiting", "leased"]),
                name="digest_pending",
            ),
            models.Index(fields=["employee", "-id"], name="digest_of_employee"),
        ]

    def __str__(self) -> str:
        return f"{self.employee} · {self.day} {self.slot:%H:%M} · {self.get_channel_display()}"


class Reminder(models.Model):
    """One reminder of one callback; a snoozed or handed-over callback gets another one."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        LEASED = "leased", _("Being sent")
        SENT = "sent", pgettext_lazy("delivery", "Sent")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    callback = models.ForeignKey(
        Callback, on_delete=models.PROTECT, related_name="reminders", verbose_name=_("callback")
    )
    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="reminders", verbose_name=_("employee")
    )
    due_on = models.DateField(_("due"))
    lead_days = models.PositiveSmallIntegerField(_("trading days ahead"))
    # To a head, of work of the branch that is long overdue.
    escalated = models.BooleanField(_("long overdue"), default=False, db_default=False)
    endpoint = models.ForeignKey(
        Endpoint,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    channel = models.CharField(_("channel"), max_length=10, choices=DeliveryChannel.choices)
    digest = models.ForeignKey(
        Digest, on_delete=models.PROTECT, related_name="reminders", verbose_name=_("digest")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.WAITING
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            # A cancelled one does not count: moved back or visible again, it is reminded of.
            models.UniqueConstraint(
                fields=[
                    "callback",
                    "employee",
                    "due_on",
                    "lead_days",
                    "channel",
                    "endpoint",
                    "escalated",
                ],
                condition=~Q(status="cancelled"),
                name="reminder_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.callback_id} · {self.due_on}"
