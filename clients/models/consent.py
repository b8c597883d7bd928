"""Consent of a client, per purpose and channel, with its proof (PIPL art. 13 to 16)."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models.client import Client
from clients.querysets import changed_by, seen_by
from staff.models import Employee


class Purpose(models.TextChoices):
    """Purposes of contact that need consent."""

    SERVICE = "service", _("Service and return visits")
    MARKETING = "marketing", _("Products and events")
    RESEARCH = "research", _("Research and market news")


class By(models.TextChoices):
    """Through which channel."""

    PHONE = "phone", _("Telephone")
    SMS = "sms", _("Text message")
    WECHAT = "wechat", _("WeChat")
    EMAIL = "email", _("E-mail")


class ConsentQuerySet(models.QuerySet["Consent"]):
    def visible_to(self, employee: Employee) -> ConsentQuerySet:
        return self.filter(seen_by(employee, "client__"))

    def editable_by(self, employee: Employee) -> ConsentQuerySet:
        return self.filter(changed_by(employee, "client__"))


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="ConsentEvent",
)
class Consent(models.Model):
    """One consent from the day it was given to the day it was withdrawn. Never deleted."""

    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="consents", verbose_name=_("client")
    )
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose.choices)
    channel = models.CharField(_("channel"), max_length=8, choices=By.choices)
    given_on = models.DateField(_("given on"))
    proof = models.CharField(_("proof"), max_length=200)
    recorded_by = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdrawn_how = models.CharField(
        _("how it was withdrawn"), max_length=200, blank=True, default=""
    )

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["client", "purpose", "channel"],
                condition=Q(withdrawn_on__isnull=True),
                name="consent_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("given_on")),
                name="consent_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} · {self.get_channel_display()}"
