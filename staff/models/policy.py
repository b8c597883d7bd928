"""Numbers of the rules of the trade, in force from to (docs/rules.md)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Self

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Length
from django.utils.translation import gettext_lazy as _

from crm import policies
from staff.models.people import Branch


class PolicyQuerySet(models.QuerySet["Policy"]):
    def valid_on(self, day: date) -> Self:
        """Rows in force on ``day``, of the firm and of branches."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)

    def in_force(self, key: str, *, on: date, branch: Branch | None = None) -> Policy | None:
        """The policy row of ``key`` in force on ``on``; the nearest branch's row wins."""
        branches = branch.ancestor_ids if branch else []
        rows = self.valid_on(on).filter(Q(branch__isnull=True) | Q(branch__in=branches), key=key)
        return rows.order_by(Coalesce(Length("branch__path"), 0).desc(), "-valid_from").first()

    def number(
        self, key: str, *, on: date, default: int | Decimal, branch: Branch | None = None
    ) -> Decimal:
        """The value of ``key`` in force on ``on``, in the row's unit; ``default`` without a row."""
        row = self.in_force(key, on=on, branch=branch)
        return Decimal(default) if row is None else row.value


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="PolicyEvent",
)
class Policy(models.Model):
    """One number of the rules of the trade: value, scope, time in force, source (docs/rules.md)."""

    class Status(models.TextChoices):
        VERIFIED = "verified", _("Verified")
        UNVERIFIED = "unverified", _("Unverified")

    key = models.CharField(_("key"), max_length=60)
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=2)
    unit = models.CharField(_("unit"), max_length=20)
    branch = models.ForeignKey(
        Branch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="policies",
        verbose_name=_("branch"),
        help_text=_("Empty: the whole firm."),
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)
    citation = models.CharField(_("source of the rule"), max_length=300)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        ordering = ["key", "branch", "-valid_from"]
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        constraints = [
            models.UniqueConstraint(
                "key",
                Coalesce("branch_id", 0),
                condition=Q(valid_to__isnull=True),
                name="policy_one_open",
            ),
        ]

    def __str__(self) -> str:
        return policies.meaning(self.key)

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds; ``None`` while nobody has ended it."""
        return self.valid_to - timedelta(days=1) if self.valid_to else None
