"""Thanks to referrers; append-only (D-08)."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from pipeline.querysets import ThanksQuerySet
from staff.models import Employee


class Thanks(models.Model):
    """One thanks to ``referrer`` for ``referred``. The referral itself is a field of the client."""

    class How(models.TextChoices):
        CALL = "call", _("By telephone")
        MESSAGE = "message", _("By message")
        VISIT = "visit", _("In person")
        GIFT = "gift", _("With a small gift")

    referrer = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="+", verbose_name=_("thanked client")
    )
    referred = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="thanks", verbose_name=_("brought client")
    )
    how = models.CharField(_("thanked how"), max_length=8, choices=How.choices)
    on = models.DateField(_("thanked on"))
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("employee")
    )
    at = models.DateTimeField(_("at"), auto_now_add=True, db_default=Now())

    objects = ThanksQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]
        verbose_name = _("thanks for a referral")
        verbose_name_plural = _("thanks for referrals")
        constraints = [
            models.CheckConstraint(
                condition=~Q(referrer=F("referred")), name="thanks_for_somebody_else"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()} · {self.on}"
