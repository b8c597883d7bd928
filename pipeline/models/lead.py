"""Origin of a prospect: channel, campaign and the capturing employee (D-08)."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from pipeline.models.campaign import Campaign
from pipeline.models.channel import Channel
from pipeline.querysets import LeadQuerySet
from staff.models import Employee


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="LeadEvent",
)
class Lead(models.Model):
    """The origin of a client, one row for life; the source itself is a field of the client.

    May be corrected or entered later (pipeline/capture/origin_services.py); the history keeps what it was.
    """

    class Via(models.TextChoices):
        QUICK = "quick", _("Taken down by hand")
        PUBLIC_FORM = "public_form", _("Form behind a QR code")
        CHECK_IN = "check_in", _("Came to an event")
        LATER = "later", _("Entered afterwards")

    client = models.OneToOneField(
        Client, on_delete=models.PROTECT, related_name="lead", verbose_name=_("client")
    )
    channel = models.ForeignKey(
        Channel,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="leads",
        verbose_name=_("channel"),
    )
    campaign = models.ForeignKey(
        Campaign,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="leads",
        verbose_name=_("campaign"),
    )
    via = models.CharField(_("taken down how"), max_length=12, choices=Via.choices)
    # Whose it is: the person who took it down, or whose QR code was scanned.
    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("won by")
    )
    on = models.DateField(_("date"))
    at = models.DateTimeField(_("at"), auto_now_add=True, db_default=Now())

    objects = LeadQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        indexes = [models.Index(fields=["on"], name="lead_on")]

    def __str__(self) -> str:
        return f"{self.client} · {self.get_via_display()}"
