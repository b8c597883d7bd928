"""Relations: households, referrals, and contact persons (D-11)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models.client import Client
from clients.models.numbers import Encrypted
from clients.normalisation import mask_phone
from clients.querysets import seen_by
from staff.models import Employee


class Household(models.Model):
    """A family with one head. Consent, risk grade and visits stay with each person."""

    head = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="+", verbose_name=_("head of household")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("household")
        verbose_name_plural = _("households")

    def __str__(self) -> str:
        return str(_("Household of %(name)s") % {"name": self.head})


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, employee: Employee) -> MembershipQuerySet:
        return self.filter(seen_by(employee, "client__"))


class Membership(models.Model):
    """A client in a household, from one day to another; in one household at a time."""

    class Relation(models.TextChoices):
        HEAD = "head", _("Head")
        SPOUSE = "spouse", _("Spouse")
        CHILD = "child", _("Child")
        PARENT = "parent", _("Parent")
        SIBLING = "sibling", _("Brother or sister")
        OTHER = "other", _("Other relative")

    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="members", verbose_name=_("household")
    )
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("client")
    )
    relation = models.CharField(_("relation"), max_length=8, choices=Relation.choices)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("member of a household")
        verbose_name_plural = _("members of households")
        constraints = [
            models.UniqueConstraint(
                fields=["client"], condition=Q(valid_to__isnull=True), name="membership_one_open"
            ),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(valid_to__isnull=True, relation="head"),
                name="membership_one_head",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="membership_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} · {self.get_relation_display()}"


class ContactPerson(models.Model):
    """Somebody to speak with who is no client: for an organisation, or beside a person."""

    class Role(models.TextChoices):
        DECIDES = "decides", _("Decision maker")
        PROXY = "proxy", _("Proxy")
        INFLUENCES = "influences", _("Influencer")

    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="contacts", verbose_name=_("client")
    )
    name = models.CharField(_("name"), max_length=60)
    role = models.CharField(_("decision role"), max_length=12, choices=Role.choices)
    position = models.CharField(_("position or relation"), max_length=60, blank=True, default="")
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("contact person")
        verbose_name_plural = _("contact persons")

    def __str__(self) -> str:
        return f"{self.name} · {self.get_role_display()}"


class ContactPhone(Encrypted):
    """The number of a contact person."""

    BLIND_KIND = "phone"

    contact = models.ForeignKey(
        ContactPerson,
        on_delete=models.PROTECT,
        related_name="phones",
        verbose_name=_("contact person"),
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("phone of a contact person")
        verbose_name_plural = _("phones of contact persons")
        indexes = [models.Index(fields=["number_index"], name="contactphone_number")]

    def __str__(self) -> str:
        return mask_phone(self.number)
