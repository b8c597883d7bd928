"""Segments: rules over data of clients. How segments are contacted is defined in visits/."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from crm.localized import localized
from staff.models import Branch, Employee


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="SegmentEvent",
)
class Segment(models.Model):
    """A class of clients that are served alike (D-03)."""

    class Tier(models.IntegerChoices):
        """Rank of service; a lower number is called first."""

        A = 1, _("A key")
        B = 2, _("B important")
        C = 3, _("C standard")
        D = 4, _("D basic")

    class Colour(models.TextChoices):
        BLUE = "blue", _("Blue")
        AZURE = "azure", _("Azure")
        TEAL = "teal", _("Teal")
        GREEN = "green", _("Green")
        ORANGE = "orange", _("Orange")
        PURPLE = "purple", _("Purple")
        PINK = "pink", _("Pink")
        GREY = "secondary", _("Grey")

    key = models.SlugField(_("key"), max_length=40)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60, blank=True)
    description_zh = models.CharField(_("description (Chinese)"), max_length=200, blank=True)
    description_en = models.CharField(_("description (English)"), max_length=200, blank=True)
    tier = models.PositiveSmallIntegerField(_("tier"), choices=Tier.choices, default=Tier.C)
    colour = models.CharField(
        _("colour"), max_length=10, choices=Colour.choices, default=Colour.BLUE
    )
    branch = models.ForeignKey(
        Branch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="segments",
        verbose_name=_("branch"),
        help_text=_("Empty: the whole firm. A branch's segment wins over the firm's."),
    )
    is_default = models.BooleanField(
        _("default"), default=False, help_text=_("Takes the clients that no rule matches.")
    )

    class Meta:
        ordering = ["tier", "id"]
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [
            models.UniqueConstraint("key", Coalesce("branch_id", 0), name="segment_key"),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="segment_one_default"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(branch__isnull=True),
                name="segment_default_of_firm",
                violation_error_message=_("The default segment belongs to the whole firm."),
            ),
        ]

    def __str__(self) -> str:
        return localized(self, "name")

    @property
    def description(self) -> str:
        return localized(self, "description")


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="SegmentRuleEvent",
)
class SegmentRule(models.Model):
    """The rule of a segment in a period. An empty list matches all."""

    segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, related_name="rules", verbose_name=_("segment")
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=100, help_text=_("The lowest number that matches wins.")
    )
    income_levels = ArrayField(
        models.CharField(max_length=8), verbose_name=_("income levels"), default=list, blank=True
    )
    investment_sizes = ArrayField(
        models.CharField(max_length=12),
        verbose_name=_("investment sizes"),
        default=list,
        blank=True,
    )
    investment_styles = ArrayField(
        models.CharField(max_length=14),
        verbose_name=_("investment styles"),
        default=list,
        blank=True,
    )
    risk_grades = ArrayField(
        models.CharField(max_length=2), verbose_name=_("risk grades"), default=list, blank=True
    )
    lifecycles = ArrayField(
        models.CharField(max_length=10), verbose_name=_("lifecycles"), default=list, blank=True
    )
    kinds = ArrayField(
        models.CharField(max_length=12),
        verbose_name=_("kinds"),
        default=list,
        db_default=[],
        blank=True,
    )
    ages = ArrayField(
        models.CharField(max_length=10),
        verbose_name=_("ages"),
        default=list,
        db_default=[],
        blank=True,
    )
    prospect_types = ArrayField(
        models.CharField(max_length=16),
        verbose_name=_("prospect types"),
        default=list,
        db_default=[],
        blank=True,
    )
    activities = ArrayField(
        models.CharField(max_length=14),
        verbose_name=_("activities"),
        default=list,
        db_default=[],
        blank=True,
    )
    commission_tiers = ArrayField(
        models.CharField(max_length=8),
        verbose_name=_("commission tiers"),
        default=list,
        db_default=[],
        blank=True,
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)
    # Who put it in force; nobody for those that ship.
    by = models.ForeignKey(
        Employee,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )

    class Meta:
        ordering = ["segment", "-valid_from"]
        verbose_name = _("segment rule")
        verbose_name_plural = _("segment rules")
        constraints = [
            models.UniqueConstraint(
                fields=["segment"],
                condition=Q(valid_to__isnull=True),
                name="segmentrule_one_open",
                violation_error_message=_("Close the rule in force before adding another."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="segmentrule_period",
                violation_error_message=_("The end lies before the start."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment} · {self.valid_from}"


class SegmentChange(models.Model):
    """Which segment a client got, when, by which rule or by whose decision. Append-only."""

    client = models.ForeignKey(
        "clients.Client",
        on_delete=models.PROTECT,
        related_name="segment_changes",
        verbose_name=_("client"),
    )
    segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, related_name="+", verbose_name=_("segment")
    )
    rule = models.ForeignKey(
        SegmentRule,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by rule"),
    )
    pinned = models.BooleanField(_("pinned"), default=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    employee = models.ForeignKey(
        Employee, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), auto_now_add=True, db_default=Now())

    class Meta:
        ordering = ["-id"]
        verbose_name = _("segment change")
        verbose_name_plural = _("segment changes")
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.client_id} → {self.segment}"
