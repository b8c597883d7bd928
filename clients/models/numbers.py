"""Numbers that reach and identify a client, encrypted at rest, and risk assessments."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models.client import Client, RiskGrade
from clients.normalisation import (
    mask_identity_number,
    mask_phone,
    normal_credit_code,
    normal_document,
    normal_id_card,
    normal_phone,
)
from crm import crypto


class Encrypted(models.Model):
    """A number kept as ciphertext with keyed blind indexes (PIPL art. 51)."""

    BLIND_KIND = ""

    ciphertext = models.BinaryField(editable=False)
    key_id = models.CharField(max_length=20, editable=False)
    number_index = models.BinaryField(editable=False)
    last4_index = models.BinaryField(editable=False)
    index_version = models.PositiveSmallIntegerField(editable=False)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        abstract = True

    def set_number(self, number: str) -> None:
        """Encrypt ``number``, which is in its normal form already."""
        self.ciphertext, self.key_id = crypto.encrypt(number)
        self.number_index = crypto.blind_index(self.BLIND_KIND, number)
        self.last4_index = crypto.blind_index(f"{self.BLIND_KIND}-tail", number[-4:])
        self.index_version = crypto.index_version()

    @property
    def number(self) -> str:
        """The clear text. For dialling, reveal and export with a logged reason only."""
        return crypto.decrypt(self.ciphertext, self.key_id)


class Phone(Encrypted):
    """A telephone number of a client, in its ``+86…`` form."""

    BLIND_KIND = "phone"

    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="phones", verbose_name=_("client")
    )
    is_primary = models.BooleanField(_("first choice"), default=True)
    # The day on which somebody else answered; it has ended then, and is kept as a record.
    found_wrong_on = models.DateField(_("found wrong on"), null=True, blank=True)

    class Meta:
        ordering = ["client", "-is_primary", "id"]
        verbose_name = _("phone")
        verbose_name_plural = _("phones")
        indexes = [
            models.Index(fields=["number_index"], name="phone_number"),
            models.Index(fields=["last4_index"], name="phone_last4"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "number_index"],
                condition=Q(valid_to__isnull=True),
                name="phone_once_per_client",
            ),
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(valid_to__isnull=True, is_primary=True),
                name="phone_one_primary",
            ),
            models.CheckConstraint(
                condition=Q(found_wrong_on=None) | Q(valid_to__isnull=False),
                name="phone_wrong_has_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        return mask_phone(self.number)

    @staticmethod
    def normal(text: str) -> str:
        return normal_phone(text)


class Identity(Encrypted):
    """An identity paper of a client. The same number on two clients is warned of, not refused."""

    BLIND_KIND = "identity"

    class Type(models.TextChoices):
        ID_CARD = "id_card", _("Resident identity card")
        PASSPORT = "passport", _("Passport")
        HK_MACAU = "hk_macau", _("Hong Kong and Macau permit")
        TAIWAN = "taiwan", _("Taiwan permit")
        CREDIT_CODE = "credit_code", _("Unified social credit code")

    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="identities", verbose_name=_("client")
    )
    type = models.CharField(_("type"), max_length=12, choices=Type.choices)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)

    class Meta:
        ordering = ["client", "id"]
        verbose_name = _("identity paper")
        verbose_name_plural = _("identity papers")
        indexes = [models.Index(fields=["number_index"], name="identity_number")]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "type"],
                condition=Q(valid_to__isnull=True),
                name="identity_one_per_type",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.masked}"

    @property
    def masked(self) -> str:
        return mask_identity_number(self.number)

    @classmethod
    def normal(cls, type_: str, text: str) -> str:
        """Checked normal form for the type. Raises ValidationError with a sentence."""
        if type_ == cls.Type.ID_CARD:
            return normal_id_card(text)
        if type_ == cls.Type.CREDIT_CODE:
            return normal_credit_code(text)
        return normal_document(text)


class RiskAssessment(models.Model):
    """One risk assessment of a client. Append-only: a new test is a new row."""

    client = models.ForeignKey(
        Client,
        on_delete=models.PROTECT,
        related_name="risk_assessments",
        verbose_name=_("client"),
    )
    grade = models.CharField(_("grade"), max_length=2, choices=RiskGrade.choices)
    assessed_on = models.DateField(_("assessed on"))
    expires_on = models.DateField(_("expires on"))
    source = models.CharField(_("source"), max_length=60, blank=True, default="")

    class Meta:
        ordering = ["client", "-assessed_on", "-id"]
        verbose_name = _("risk assessment")
        verbose_name_plural = _("risk assessments")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__gt=F("assessed_on")),
                name="risk_expires_later",
                violation_error_message=_("The assessment expires after the day it was made."),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.grade} · {self.assessed_on}"
