"""Drafts: unsaved input of the call screen."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from staff.models import Employee
from visits.models.callback import Callback


class VisitDraft(models.Model):
    """One draft per employee and callback, or per employee and client without a callback.

    Only its author ever reads it. Saving the contact deletes it; so does the nightly run after
    ``KEPT_DAYS``.
    """

    KEPT_DAYS = 30

    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="+", verbose_name=_("client")
    )
    callback = models.ForeignKey(
        Callback,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("callback"),
    )
    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("employee")
    )
    # Fields of the form by name, as they were typed: lists of texts.
    data = models.JSONField(_("content"), default=dict)
    saved_at = models.DateTimeField(_("saved at"), auto_now=True)

    class Meta:
        verbose_name = _("draft of a visit")
        verbose_name_plural = _("drafts of visits")
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "client", "callback"],
                nulls_distinct=False,
                name="visitdraft_one",
            ),
        ]
        indexes = [models.Index(fields=["saved_at"], name="visitdraft_age")]

    def __str__(self) -> str:
        return f"{self.client} · {self.employee}"

    @property
    def stamp(self) -> str:
        """Which saving this is: its time in milliseconds since 1970, as the page compares it."""
        return str(int(self.saved_at.timestamp() * 1000))
