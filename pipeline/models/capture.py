"""The public form behind a manager's QR code: links, consent texts, submissions (D-08)."""

from __future__ import annotations

import uuid
from datetime import date

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from crm import crypto
from crm.localized import localized
from pipeline.models.campaign import Campaign
from pipeline.models.channel import Channel
from pipeline.querysets import CaptureEntryQuerySet, CaptureLinkQuerySet
from staff.models import Employee


class PrivacyNotice(models.Model):
    """Consent text of the public form (PIPL arts 14, 17). A changed text is a new version."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    text_zh = models.TextField(_("text (Chinese)"))
    text_en = models.TextField(_("text (English)"), blank=True, default="")
    valid_from = models.DateField(_("from"))

    class Meta:
        ordering = ["-version"]
        verbose_name = _("consent text of the public form")
        verbose_name_plural = _("consent texts of the public form")
        triggers = [
            # It is the proof of what people agreed to.
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return str(_("version %(number)s") % {"number": self.version})

    @property
    def text(self) -> str:
        """The text in the reader's language."""
        return localized(self, "text")

    @classmethod
    def in_force(cls, on: date) -> PrivacyNotice:
        """The newest version that holds on that day."""
        return cls.objects.filter(valid_from__lte=on).latest("version")


class CaptureLink(models.Model):
    """The address behind an employee's QR code.

    Looked up by the hash of its secret (256 bits). The secret itself is kept encrypted, because
    the code is shown and printed again; the key lies outside the database.
    """

    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="capture_links", verbose_name=_("employee")
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    ciphertext = models.BinaryField(editable=False)
    key_id = models.CharField(max_length=20, editable=False)
    channel = models.ForeignKey(
        Channel,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("channel"),
    )
    campaign = models.ForeignKey(
        Campaign,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("campaign"),
    )
    # The last day on which the form answers.
    valid_until = models.DateField(_("valid until"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True, db_default=Now())

    objects = CaptureLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("QR code")
        verbose_name_plural = _("QR codes")

    def __str__(self) -> str:
        return f"{self.employee} · {self.valid_until}"

    @property
    def path(self) -> str:
        """The address of the form, its secret in the clear: for the page of its owner alone."""
        return reverse("pipeline:public_form", args=[crypto.decrypt(self.ciphertext, self.key_id)])


class CaptureEntry(models.Model):
    """A submitted public form, the proof of its consent."""

    token = models.UUIDField(unique=True, default=uuid.uuid4, db_default=RandomUUID())
    link = models.ForeignKey(
        CaptureLink, on_delete=models.PROTECT, related_name="entries", verbose_name=_("QR code")
    )
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="+", verbose_name=_("client")
    )
    notice = models.ForeignKey(
        PrivacyNotice, on_delete=models.PROTECT, related_name="+", verbose_name=_("consent text")
    )
    # Whether the phone was on record already: then nothing but this row was written.
    known = models.BooleanField(_("known already"))
    name = models.CharField(_("name as given"), max_length=60)
    wish = models.CharField(_("wish"), max_length=500, blank=True, default="")
    at = models.DateTimeField(_("at"), auto_now_add=True, db_default=Now())

    objects = CaptureEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("public form received")
        verbose_name_plural = _("public forms received")

    def __str__(self) -> str:
        return f"{self.client} · {self.at:%Y-%m-%d}"


class RetentionHold(models.Model):
    """A prospect that must not be purged, for a reason such as a dispute; until it is lifted."""

    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="+", verbose_name=_("client")
    )
    reason = models.CharField(_("reason"), max_length=200)
    placed_by = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("placed by")
    )
    placed_on = models.DateField(_("placed on"))
    lifted_by = models.ForeignKey(
        Employee,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("lifted by"),
    )
    lifted_on = models.DateField(_("lifted on"), null=True, blank=True)

    objects = CaptureEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("hold against purging")
        verbose_name_plural = _("holds against purging")
        constraints = [
            models.UniqueConstraint(
                fields=["client"], condition=Q(lifted_on__isnull=True), name="hold_one_open"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.client} · {self.reason}"
