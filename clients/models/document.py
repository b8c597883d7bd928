"""Scans and photos of a client: stored unchanged outside the web root, never replaced (D-22)."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clients.models.client import Client
from clients.querysets import changed_by, seen_by
from staff.models import Employee

# What was uploaded, and who did it, is evidence: only the void columns may be written later.
_CONTENT = (
    "client_id",
    "kind",
    "title",
    "name",
    "content_type",
    "size",
    "sha256",
    "file",
    "uploaded_by_id",
    "uploaded_at",
)


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, employee: Employee) -> DocumentQuerySet:
        return self.filter(seen_by(employee, "client__"))

    def editable_by(self, employee: Employee) -> DocumentQuerySet:
        return self.filter(changed_by(employee, "client__"))


class Document(models.Model):
    """One file in a folder of a client."""

    class Kind(models.TextChoices):
        IDENTITY = "identity", _("Identity paper")
        AGREEMENT = "agreement", _("Agreement")
        RISK_NOTICE = "risk_notice", _("Risk notice")
        BUSINESS_FORM = "business", _("Business form")
        OTHER = "other", _("Other")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="documents", verbose_name=_("client")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=80, blank=True, default="")
    name = models.CharField(_("file name"), max_length=120)
    content_type = models.CharField(_("type"), max_length=40)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    # Key in the storage: random, so that it contains no client data.
    file = models.CharField(max_length=200, editable=False)
    uploaded_by = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    voided_at = models.DateTimeField(_("voided at"), null=True, blank=True)
    voided_by = models.ForeignKey(
        Employee,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("voided by"),
    )
    void_reason = models.CharField(_("reason"), max_length=200, blank=True, default="")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.UniqueConstraint(
                fields=["client", "sha256"],
                condition=Q(voided_at__isnull=True),
                name="document_once_per_client",
            ),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True) | Q(void_reason__gt=""),
                name="document_voided_for_a_reason",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="keep", operation=pgtrigger.Delete),
            pgtrigger.Protect(name="content", operation=pgtrigger.UpdateOf(*_CONTENT)),
        ]

    def __str__(self) -> str:
        return self.title or self.name

    @property
    def file_url(self) -> str:
        return reverse("clients:document_file", args=[self.client.public_id, self.public_id])

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")
