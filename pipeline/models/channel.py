"""Channels of prospects, and the work done in them (D-08)."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from crm.addresses import address
from pipeline.querysets import ChannelEntryQuerySet, ChannelQuerySet
from staff.models import Branch, Employee


class ChannelKind(models.TextChoices):
    BANK = "bank", _("Bank outlet")
    COMMUNITY = "community", _("Community")
    EMPLOYER = "employer", _("Employer")
    ONLINE = "online", _("Online")
    OTHER = "other", _("Other")


class Channel(models.Model):
    """A place or partner where prospects are won. Without a branch it is the whole firm's."""

    branch = models.ForeignKey(
        Branch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="channels",
        verbose_name=_("branch"),
    )
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=ChannelKind.choices)
    partner = models.CharField(_("contact there"), max_length=120, blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "name"],
                nulls_distinct=False,
                name="channel_once_by_name",
                violation_error_message=_("There is a channel of this name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("pipeline:channel", self.pk)


class ChannelEntry(models.Model):
    """Work of an employee in a channel on one day: visits, leaflets, cost in CNY."""

    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, related_name="entries", verbose_name=_("channel")
    )
    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("employee")
    )
    on = models.DateField(_("date"))
    visits = models.PositiveSmallIntegerField(_("visits there"), default=0)
    leaflets = models.PositiveIntegerField(_("leaflets handed out"), default=0)
    cost = models.DecimalField(
        _("cost (CNY)"),
        max_digits=12,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
    )
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    at = models.DateTimeField(_("at"), auto_now_add=True, db_default=Now())

    objects = ChannelEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]
        verbose_name = _("work in a channel")
        verbose_name_plural = _("work in channels")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cost__gte=0), name="channel_entry_cost_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.on}"

    def get_absolute_url(self) -> str:
        return address("pipeline:edit_work", self.pk)
