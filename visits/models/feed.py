"""The private calendar address of an employee (RFC 5545 over HTTPS)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from staff.models import Employee


class CalendarFeed(models.Model):
    """One address per employee. Only a hash of its secret is stored; a new address replaces it."""

    employee = models.OneToOneField(
        Employee, on_delete=models.CASCADE, related_name="calendar_feed", verbose_name=_("employee")
    )
    # SHA-256 of the secret, in hexadecimal; empty once revoked.
    token_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001
    made_at = models.DateTimeField(_("made at"))
    read_at = models.DateTimeField(_("last read at"), null=True, blank=True)

    class Meta:
        ordering = ["employee"]
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self) -> str:
        return str(self.employee)
