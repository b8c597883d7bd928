"""Stages, kept in data, and why an opportunity is lost (D-01)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.localized import localized


class OpportunityKind(models.TextChoices):
    """What may come of it; each kind has stages of its own (D-01, D-04, D-16, D-17)."""

    ACCOUNT_OPENING = "account_opening", _("Account opening")
    CUSTODY_TRANSFER = "custody_transfer", _("Transfer of custody in")
    SALE = "sale", _("Fund or product sale")
    REACTIVATION = "reactivation", _("Reactivation")
    REFERRAL = "referral", _("Referral")


class Stage(models.Model):
    """A step on the way of one kind of opportunity, from the first contact to its end."""

    class Kind(models.TextChoices):
        OPEN = "open", _("In progress")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    key = models.SlugField(_("key"), max_length=20, unique=True)
    opportunity_kind = models.CharField(
        _("kind of opportunity"),
        max_length=20,
        choices=OpportunityKind.choices,
        default=OpportunityKind.ACCOUNT_OPENING,
        db_default=OpportunityKind.ACCOUNT_OPENING,
    )
    name_zh = models.CharField(_("name (Chinese)"), max_length=40)
    name_en = models.CharField(_("name (English)"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices, default=Kind.OPEN)
    position = models.PositiveSmallIntegerField(_("position"))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity_kind", "kind"],
                condition=~Q(kind="open"),
                name="stage_one_end_of_each_kind",
            ),
        ]

    def __str__(self) -> str:
        return localized(self, "name")


class LostReason(models.Model):
    """Why an opportunity was lost."""

    key = models.SlugField(_("key"), max_length=30, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("reason for losing")
        verbose_name_plural = _("reasons for losing")

    def __str__(self) -> str:
        return localized(self, "name")
