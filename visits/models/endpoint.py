"""Addresses for reminders besides the app and e-mail, and quiet hours."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm import crypto
from staff.models import Employee


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def of(self, employee: Employee) -> Self:
        """The employee's own addresses; others never see them."""
        return self.filter(employee=employee, removed_at=None)


class Endpoint(models.Model):
    """One address for digests. A secret: stored encrypted, only its last characters are shown."""

    class Kind(models.TextChoices):
        WECOM = "wecom", _("WeCom robot")
        DINGTALK = "dingtalk", _("DingTalk robot")
        FEISHU = "feishu", _("Feishu robot")
        LARK = "lark", _("Lark robot")
        WEBHOOK = "webhook", _("Webhook (JSON)")

    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="endpoints", verbose_name=_("employee")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    label = models.CharField(_("label"), max_length=40)
    ciphertext = models.BinaryField(editable=False)
    key_id = models.CharField(max_length=20, editable=False)
    shown = models.CharField(_("address"), max_length=80, editable=False)
    enabled = models.BooleanField(_("in use"), default=True)
    last_ok_at = models.DateTimeField(_("last reached"), null=True, blank=True)
    last_failed_at = models.DateTimeField(_("last failed"), null=True, blank=True)
    last_error = models.CharField(_("reason"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("address for reminders")
        verbose_name_plural = _("addresses for reminders")
        indexes = [
            models.Index(
                fields=["employee"],
                condition=models.Q(removed_at__isnull=True, enabled=True),
                name="endpoint_in_use",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def set_url(self, url: str) -> None:
        """Store ``url`` encrypted, and its last four characters for display."""
        self.ciphertext, self.key_id = crypto.encrypt(url)
        self.shown = f"{url.split('://')[0]}://…{url.rstrip('/')[-4:]}"

    @property
    def url(self) -> str:
        """The address in the clear: for sending only."""
        return crypto.decrypt(self.ciphertext, self.key_id)


class QuietHours(models.Model):
    """An employee's own quiet hours; without a row the policies quiet_from and quiet_to count.

    Equal times mean none. Digests by e-mail and to addresses wait until they end.
    """

    employee = models.OneToOneField(
        Employee, on_delete=models.CASCADE, related_name="quiet_hours", verbose_name=_("employee")
    )
    quiet_from = models.TimeField(_("quiet from"))
    quiet_to = models.TimeField(_("quiet until"))

    class Meta:
        ordering = ["employee"]
        verbose_name = _("quiet hours")
        verbose_name_plural = _("quiet hours")

    def __str__(self) -> str:
        return f"{self.quiet_from:%H:%M}-{self.quiet_to:%H:%M}"
