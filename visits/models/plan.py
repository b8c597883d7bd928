"""How a segment is contacted: one plan in force per segment (docs/callbacks.md)."""

from __future__ import annotations

from datetime import date, time
from typing import Self

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models import Segment
from visits.models.script import Script
from visits.models.visit import Channel


def due_day_only() -> list[int]:
    """Remind on the due date alone."""
    return [0]


def distinct(leads: list[int]) -> None:
    """Refuse a lead that is named twice."""
    if len(set(leads)) != len(leads):
        raise ValidationError(_("Name each number of days once."))


class CallbackPlanQuerySet(models.QuerySet["CallbackPlan"]):
    def valid_on(self, day: date) -> Self:
        """Plans in force on ``day``."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="CallbackPlanEvent",
)
class CallbackPlan(models.Model):
    """Cadence, window, channel, script, reminder and capacity of a segment.

    Without ``every`` the segment has no cadence: its clients get other callbacks only.
    """

    class Unit(models.TextChoices):
        DAY = "day", _("days")
        MONTH = "month", _("months")

    class Shift(models.TextChoices):
        """Where a date goes that is no trading day."""

        AFTER = "after", _("the next trading day")
        BEFORE = "before", _("the trading day before")

    segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, related_name="plans", verbose_name=_("segment")
    )
    every = models.PositiveSmallIntegerField(
        _("every"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("Empty: no regular callbacks."),
    )
    unit = models.CharField(_("unit"), max_length=5, choices=Unit.choices, default=Unit.MONTH)
    window_days = models.PositiveSmallIntegerField(
        _("window"),
        default=10,
        help_text=_("Days after the due date within which the callback may be placed."),
    )
    shift = models.CharField(
        _("a closed day moves to"),
        max_length=6,
        choices=Shift.choices,
        default=Shift.AFTER,
        db_default=Shift.AFTER,
    )
    channel = models.CharField(
        _("channel"), max_length=10, choices=Channel.choices, default=Channel.PHONE
    )
    script = models.ForeignKey(
        Script,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="plans",
        verbose_name=_("script"),
    )
    remind_at = models.TimeField(_("remind at"), default=time(8, 30))
    remind_leads = ArrayField(
        models.PositiveSmallIntegerField(validators=[MaxValueValidator(60)]),
        verbose_name=_("remind ahead"),
        default=due_day_only,
        db_default=[0],
        size=8,
        validators=[distinct],
        help_text=_("Trading days before the due date, such as 15, 7, 1, 0."),
    )
    daily_capacity = models.PositiveSmallIntegerField(
        _("daily share"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Callbacks of this segment per manager and trading day; empty: no own limit."),
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)

    objects = CallbackPlanQuerySet.as_manager()

    class Meta:
        ordering = ["segment", "-valid_from"]
        verbose_name = _("callback plan")
        verbose_name_plural = _("callback plans")
        constraints = [
            models.UniqueConstraint(
                fields=["segment"],
                condition=Q(valid_to__isnull=True),
                name="callbackplan_one_open",
                violation_error_message=_("Close the plan in force before adding another."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="callbackplan_period",
                violation_error_message=_("The end lies before the start."),
            ),
            models.CheckConstraint(
                condition=Q(every__isnull=True) | Q(every__gte=1), name="callbackplan_every"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment} · {self.valid_from}"
