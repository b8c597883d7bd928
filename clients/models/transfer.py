"""Imports and exports of clients: requests, and the rows that an import touched."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models.client import Client
from crm.addresses import address
from crm.models import Job
from staff.models import Branch, Employee


class ClientImport(models.Model):
    """A file of clients with its mapping; loaded by a job, can be undone within a day."""

    class Mode(models.TextChoices):
        BOTH = "both", _("Create and update")
        CREATE = "create", _("Create only")
        UPDATE = "update", _("Update only")

    class Match(models.TextChoices):
        SOURCE = "source", _("Key of the source system")
        IDENTITY = "identity", _("Identity number")
        PHONE = "phone", _("Phone")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("file"), max_length=120)
    # Key in the storage; empty once the file has been cleared away.
    file = models.CharField(max_length=200, blank=True, default="", editable=False)
    # What was found out about the file: kind, encoding, separator, header, first lines' count.
    detected = models.JSONField(_("detected"), default=dict)
    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("employee")
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="+", verbose_name=_("branch")
    )
    mode = models.CharField(_("mode"), max_length=8, choices=Mode.choices, default=Mode.BOTH)
    match = models.CharField(
        _("recognised by"), max_length=8, choices=Match.choices, default=Match.SOURCE
    )
    # The same structure as a mapping in TOML (clients/importing/mapping.py).
    mapping = models.JSONField(_("mapping"), default=dict)
    job = models.ForeignKey(
        Job, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("job")
    )
    undo_job = models.ForeignKey(
        Job, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("taken back by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("import of clients")
        verbose_name_plural = _("imports of clients")
        indexes = [models.Index(fields=["employee", "-id"], name="clientimport_of_employee")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("clients:import_file", self.public_id)


class ImportedClient(models.Model):
    """A client created or changed by an import, with the added rows."""

    class State(models.TextChoices):
        LOADED = "loaded", _("Loaded")
        UNDONE = "undone", _("Taken back")
        KEPT = "kept", _("Changed since, kept")

    batch = models.ForeignKey(ClientImport, on_delete=models.PROTECT, related_name="clients")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    created = models.BooleanField(_("created"))
    # The client's version as the import left it: a later one means that a person worked on it.
    version = models.PositiveIntegerField(_("version"))
    # Keys of the numbers and accounts that came with it, and of those that it ended.
    phones = models.JSONField(default=list)
    papers = models.JSONField(default=list)
    accounts = models.JSONField(
        default=list, db_default=models.Value([], output_field=models.JSONField())
    )
    ended = models.JSONField(default=list)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.LOADED)

    class Meta:
        ordering = ["id"]
        verbose_name = _("client of an import")
        verbose_name_plural = _("clients of an import")
        constraints = [
            models.UniqueConstraint(fields=["batch", "client"], name="importedclient_once")
        ]

    def __str__(self) -> str:
        return f"{self.client} · {self.get_state_display()}"


class ClientExport(models.Model):
    """An export of a client list: with a reason, logged, and approved where it is large or clear."""

    class Format(models.TextChoices):
        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("Excel workbook")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for approval")
        REFUSED = "refused", _("Refused")
        STARTED = "started", _("Started")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("employee")
    )
    # Branch of the requester at that time: its heads and those above decide.
    branch = models.ForeignKey(
        Branch, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("branch")
    )
    query = models.CharField(_("query"), max_length=2000, blank=True, default="")
    format = models.CharField(_("format"), max_length=4, choices=Format.choices)
    in_clear = models.BooleanField(_("numbers in the clear"), default=False)
    reason = models.CharField(_("reason"), max_length=200)
    row_count = models.PositiveIntegerField(_("rows"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    decided_by = models.ForeignKey(
        Employee,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    refused_because = models.CharField(
        _("reason of the refusal"), max_length=200, blank=True, default="", db_default=""
    )
    job = models.ForeignKey(
        Job, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("job")
    )
    asked_at = models.DateTimeField(_("asked at"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("export of clients")
        verbose_name_plural = _("exports of clients")
        indexes = [
            models.Index(fields=["employee", "-id"], name="clientexport_of_employee"),
            models.Index(fields=["id"], condition=Q(state="waiting"), name="clientexport_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("employee")),
                name="clientexport_decided_by_another",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="clientexport_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.employee} · {self.row_count}"
