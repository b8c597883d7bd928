"""Causes of callbacks besides the cadence: rules, and recorded occasions (D-04, D-17)."""

from __future__ import annotations

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from staff.models import Employee
from visits.querysets import OccasionQuerySet


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="TriggerEvent",
)
class Trigger(models.Model):
    """How soon the firm calls after something happened. One row per cause; the planner reads it."""

    class Cause(models.TextChoices):
        BIRTHDAY = "birthday", _("Birthday")
        HALF_DORMANT = "half_dormant", _("Account became half-dormant")
        DORMANT = "dormant", _("Account became dormant")
        FLOW = "flow", _("Large inflow or outflow")
        CUSTODY = "custody", _("Custody transferred to us")
        PURCHASE = "purchase", _("Product bought")
        COMPLAINT = "complaint", _("Complaint closed")
        EVENT = "event", _("Event attended")

    cause = models.CharField(_("cause"), max_length=14, choices=Cause.choices, unique=True)
    is_active = models.BooleanField(_("active"), default=True)
    call_days = models.PositiveSmallIntegerField(
        _("call after"),
        validators=[MaxValueValidator(60)],
        help_text=_("Trading days after it happened; a birthday: before it."),
    )
    window_days = models.PositiveSmallIntegerField(
        _("window"),
        validators=[MaxValueValidator(90)],
        help_text=_("Days after the due date within which the callback may be placed."),
    )
    amount = models.DecimalField(
        _("from an amount of"),
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("CNY in one month; flows only."),
    )

    class Meta:
        ordering = ["cause"]
        verbose_name = _("trigger of callbacks")
        verbose_name_plural = _("triggers of callbacks")
        constraints = [
            models.CheckConstraint(
                condition=Q(cause="flow", amount__isnull=False)
                | (~Q(cause="flow") & Q(amount__isnull=True)),
                name="trigger_amount_of_flows",
                violation_error_message=_("Flows need an amount; nothing else has one."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_cause_display())


class Occasion(models.Model):
    """Something that happened to a client and is a reason to call. Void instead of deleted."""

    class Kind(models.TextChoices):
        """Causes that employees record; all others are derived from figures and dates."""

        CUSTODY = Trigger.Cause.CUSTODY.value, Trigger.Cause.CUSTODY.label
        PURCHASE = Trigger.Cause.PURCHASE.value, Trigger.Cause.PURCHASE.label
        COMPLAINT = Trigger.Cause.COMPLAINT.value, Trigger.Cause.COMPLAINT.label
        EVENT = Trigger.Cause.EVENT.value, Trigger.Cause.EVENT.label

    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="occasions", verbose_name=_("client")
    )
    kind = models.CharField(_("what happened"), max_length=12, choices=Kind.choices)
    happened_on = models.DateField(_("happened on"))
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    # Where it comes from, so that the same thing told twice is one occasion.
    source_key = models.CharField(max_length=80, unique=True, editable=False)
    noted_by = models.ForeignKey(
        Employee, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("noted by")
    )
    noted_at = models.DateTimeField(_("noted at"), auto_now_add=True, db_default=Now())
    void = models.BooleanField(_("void"), default=False)
    voided_by = models.ForeignKey(
        Employee,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("voided by"),
    )

    objects = OccasionQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_on", "-id"]
        verbose_name = _("occasion")
        verbose_name_plural = _("occasions")
        indexes = [
            models.Index(
                F("client"),
                F("happened_on").desc(),
                condition=Q(void=False),
                name="occasion_of_client",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.happened_on}"
