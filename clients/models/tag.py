"""Tags of clients, and changes of many clients at once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clients.models.client import Client
from clients.models.segment import Segment
from clients.querysets import seen_by
from staff.models import Branch, Employee


class Tag(models.Model):
    """A word for clients, of a branch or of the whole firm."""

    name = models.CharField(_("name"), max_length=30)
    branch = models.ForeignKey(
        Branch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tags",
        verbose_name=_("branch"),
        help_text=_("Empty: the whole firm."),
    )

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [models.UniqueConstraint("name", Coalesce("branch_id", 0), name="tag_name")]

    def __str__(self) -> str:
        return self.name


class ClientTagQuerySet(models.QuerySet["ClientTag"]):
    def visible_to(self, employee: Employee) -> ClientTagQuerySet:
        return self.filter(seen_by(employee, "client__"))


class ClientTag(models.Model):
    """A tag on a client."""

    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="tags", verbose_name=_("client")
    )
    tag = models.ForeignKey(
        Tag, on_delete=models.PROTECT, related_name="clients", verbose_name=_("tag")
    )
    added_by = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added at"), auto_now_add=True)

    objects = ClientTagQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("tag of a client")
        verbose_name_plural = _("tags of clients")
        constraints = [models.UniqueConstraint(fields=["client", "tag"], name="clienttag_once")]

    def __str__(self) -> str:
        return str(self.tag)


class BulkChange(models.Model):
    """A change of many clients, with the former values for an undo within a day."""

    class Action(models.TextChoices):
        TAG = "tag", _("Add a tag")
        UNTAG = "untag", _("Take a tag away")
        PIN = "pin", _("Put into a segment")

    action = models.CharField(_("action"), max_length=8, choices=Action.choices)
    tag = models.ForeignKey(
        Tag, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("tag")
    )
    segment = models.ForeignKey(
        Segment, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("segment")
    )
    # Of a pin: its last day.
    until = models.DateField(_("pinned until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("employee")
    )
    asked_at = models.DateTimeField(_("asked at"), auto_now_add=True)
    undone_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("change of many clients")
        verbose_name_plural = _("changes of many clients")
        constraints = [
            models.CheckConstraint(
                condition=Q(action="pin", segment__isnull=False, tag__isnull=True)
                | (~Q(action="pin") & Q(segment__isnull=True, tag__isnull=False)),
                name="bulkchange_object",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.tag or self.segment}"


class BulkChangeItem(models.Model):
    """Result of the change for one client, and its former value."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked for")
        DONE = "done", _("Changed")
        SAME = "same", _("Was so already")
        REFUSED = "refused", _("Not possible")
        UNDONE = "undone", _("Taken back")

    change = models.ForeignKey(BulkChange, on_delete=models.PROTECT, related_name="items")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    before = models.JSONField(_("before"), default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ASKED)

    class Meta:
        ordering = ["id"]
        verbose_name = _("client of a change")
        verbose_name_plural = _("clients of a change")
        constraints = [
            models.UniqueConstraint(fields=["change", "client"], name="bulkchangeitem_once")
        ]

    def __str__(self) -> str:
        return f"{self.client} · {self.get_state_display()}"
