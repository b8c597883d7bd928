"""The clients of a year's end: the denominator of the next year's coverage, frozen."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from compliance.querysets import YearEndClientQuerySet
from staff.models import Branch


class YearEnd(models.Model):
    """The state of all clients at the end of ``year``, written once and never changed."""

    year = models.PositiveSmallIntegerField(_("year"), unique=True)
    made_at = models.DateTimeField(_("made at"), auto_now_add=True, db_default=Now())

    class Meta:
        ordering = ["-year"]
        verbose_name = _("year end")
        verbose_name_plural = _("year ends")
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return str(self.year)


class YearEndClient(models.Model):
    """A client who had an account at the end of a year, in the branch of that day."""

    class Left(models.TextChoices):
        """Why a client does not count for coverage."""

        DORMANT = "dormant", _("Dormant")
        SUSPENDED = "suspended", _("No open account")

    year_end = models.ForeignKey(
        YearEnd, on_delete=models.PROTECT, related_name="clients", verbose_name=_("year end")
    )
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="+", verbose_name=_("client")
    )
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # the index of lists and counts has it
        verbose_name=_("branch"),
    )
    left_out = models.CharField(
        _("does not count"), max_length=10, choices=Left.choices, blank=True, default=""
    )

    objects = YearEndClientQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("client at a year's end")
        verbose_name_plural = _("clients at a year's end")
        indexes = [
            models.Index(fields=["year_end", "branch", "id"], name="yearendclient_of_branch"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["year_end", "client"], name="yearendclient_once"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.year_end_id} · {self.client_id}"
