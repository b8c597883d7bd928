"""Clients: one record for life, what is known of them and who serves them."""

from __future__ import annotations

import uuid

import pghistory
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.querysets import ClientQuerySet
from crm.fields import TokensField
from staff.models import Branch, Employee


class Kind(models.TextChoices):
    PERSON = "person", _("Person")
    ORGANISATION = "organisation", _("Organisation")


class Lifecycle(models.TextChoices):
    PROSPECT = "prospect", _("Prospect")
    CLIENT = "client", _("Client")
    CLOSED = "closed", _("Closed")


class ProspectType(models.TextChoices):
    """Attitude to investing (D-07)."""

    AVOIDANT = "avoidant", _("Avoidant")
    DELEGATING = "delegating", _("Delegating")
    ADVISORY = "advisory", _("Advisory")
    SELF_DIRECTED = "self_directed", _("Self-directed")


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    exclude=["search", "last_contact_on", "updated_at"],
    model_name="ClientEvent",
)
class Client(models.Model):
    """A natural person or an organisation, prospect and client in one record (design §2)."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, db_default=RandomUUID())
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.PERSON)
    lifecycle = models.CharField(
        _("lifecycle"), max_length=10, choices=Lifecycle.choices, default=Lifecycle.PROSPECT
    )
    prospect_type = models.CharField(
        _("prospect type"), max_length=16, choices=ProspectType.choices, blank=True, default=""
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, verbose_name=_("branch"))
    # Copy of the open `serves` assignment, for speed; written by the same service.
    manager = models.ForeignKey(
        Employee, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("manager")
    )
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    opened_on = models.DateField(_("opening date"), null=True, blank=True)
    recorded_on = models.DateField(_("recorded on"))
    last_contact_on = models.DateField(_("last contact"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True, default="")
    name_pinyin = models.CharField(max_length=200, editable=False, default="")
    search = TokensField(editable=False, default="")
    version = models.PositiveIntegerField(default=1, editable=False)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ["name_pinyin", "pk"]
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        indexes = [
            models.Index(fields=["manager", "name_pinyin", "id"], name="client_of_manager"),
            models.Index(fields=["branch", "name_pinyin", "id"], name="client_of_branch"),
            models.Index(fields=["name_pinyin", "id"], name="client_by_name"),
            GinIndex(fields=["search"], name="client_search", fastupdate=False),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(lifecycle="client") | Q(opened_on__isnull=False),
                name="client_has_opening_date",
                violation_error_message=_("A client needs an opening date."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/clients/{self.public_id}/"
