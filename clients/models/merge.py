"""Two records that turned out to be one person; and pairs that look so but are not."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models.client import Client
from clients.querysets import changed_by
from staff.models import Employee


class ClientMergeQuerySet(models.QuerySet["ClientMerge"]):
    def editable_by(self, employee: Employee) -> ClientMergeQuerySet:
        return self.filter(changed_by(employee, "survivor__"))


class ClientMerge(models.Model):
    """Merge of ``merged`` into ``survivor``, with the former values for an undo."""

    survivor = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="merges", verbose_name=_("survivor")
    )
    merged = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="+", verbose_name=_("merged client")
    )
    # Columns of both before, and the keys of rows that were added or moved, per table.
    before = models.JSONField(default=dict)
    moved = models.JSONField(default=dict)
    # Version of the survivor after the merge: another one since means that somebody went on.
    version = models.PositiveIntegerField()
    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("employee")
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    objects = ClientMergeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("merge of clients")
        verbose_name_plural = _("merges of clients")
        constraints = [
            models.CheckConstraint(condition=~Q(survivor=F("merged")), name="clientmerge_of_two"),
            models.UniqueConstraint(
                fields=["merged"], condition=Q(undone_at__isnull=True), name="clientmerge_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged} → {self.survivor}"


class NotDuplicate(models.Model):
    """A pair reviewed and found to be different people."""

    first = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=200)
    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("employee")
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("pair that is no duplicate")
        verbose_name_plural = _("pairs that are no duplicates")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="notduplicate_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="notduplicate_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.first} ≠ {self.second}"
