"""Tables that serve every room."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Holiday(models.Model):
    """A day that differs from its weekday: a public holiday or a make-up working day.

    Make-up Saturdays are workdays but not trading days. A year without rows falls back to
    weekdays (design §4).
    """

    day = models.DateField(_("day"), primary_key=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    is_workday = models.BooleanField(_("workday"), default=False)
    is_trading_day = models.BooleanField(_("trading day"), default=False)

    class Meta:
        ordering = ["-day"]
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")

    def __str__(self) -> str:
        return f"{self.day} {self.name}".strip()


class Heartbeat(models.Model):
    """When a part of the machinery was last seen alive: beat, worker, planning, dispatch."""

    name = models.CharField(_("name"), max_length=40, primary_key=True)
    beat_at = models.DateTimeField(_("last seen at"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name


class AccessLog(models.Model):
    """Who saw which personal data in the clear, when, and for what reason. Append-only."""

    class Action(models.TextChoices):
        DIAL = "dial", _("Dialled from a callback")
        REVEAL = "reveal", _("Number shown on request")

    employee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("employee"),
    )
    action = models.CharField(_("action"), max_length=20, choices=Action.choices)
    # Table and key of what was seen: this room knows nothing of the rooms above it.
    subject_type = models.CharField(_("subject"), max_length=40)
    subject_id = models.BigIntegerField(_("subject id"))
    client_id = models.BigIntegerField(_("client id"), null=True, db_index=True)
    reason = models.CharField(_("reason"), max_length=200)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("access log entry")
        verbose_name_plural = _("access log")
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type} {self.subject_id}"
