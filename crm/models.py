"""Tables that serve every room."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.addresses import address

# Names of the days that ship, for the catalogue; what people enter is shown as it is.
HOLIDAY_NAMES = (
    _("New Year's Day"),
    _("Spring Festival"),
    _("Tomb-sweeping Day"),
    _("Labour Day"),
    _("Dragon Boat Festival"),
    _("National Day"),
    _("Mid-autumn Festival"),
)


class Holiday(models.Model):
    """A day that differs from its weekday: a public holiday or a make-up working day.

    Make-up Saturdays are workdays but not trading days. A year whose list is not entered yet is
    provisional: its closed days are computed (docs/callbacks.md#when-a-callback-is-due).
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
        return f"{self.day} {self.spoken_name}".strip()

    @property
    def spoken_name(self) -> str:
        """Its name in the reader's language, where it shipped with one."""
        return gettext(self.name) if self.name else ""


class Heartbeat(models.Model):
    """When a part of the machinery was last seen alive: beat, worker, planning, dispatch."""

    name = models.CharField(_("name"), max_length=40, primary_key=True)
    beat_at = models.DateTimeField(_("last seen at"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name


class TickRun(models.Model):
    """When a task that beat starts each minute last ended well, and when it last failed.

    One row a task (``crm.periodic``). ``error`` is the kind of the last run's error, '' where it ended
    well: what an exception says may hold personal data, and stands in the log of the worker.
    """

    name = models.CharField(_("name"), max_length=100, primary_key=True)
    ran_at = models.DateTimeField(_("last ended well at"), null=True)
    failed_at = models.DateTimeField(_("last failed at"), null=True)
    error = models.CharField(_("what went wrong"), max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("background task")
        verbose_name_plural = _("background tasks")

    def __str__(self) -> str:
        return self.name


class AccessLog(models.Model):
    """Who saw which personal data in the clear, when, and for what reason. Append-only."""

    class Action(models.TextChoices):
        DIAL = "dial", _("Dialled from a callback")
        REVEAL = "reveal", _("Number shown on request")
        DOCUMENT = "document", _("Identity paper opened")
        EXPORT = "export", _("Exported")
        APPROVE = "approve", _("Export approved")

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
    # How many rows left the product with it; empty for a single number.
    row_count = models.PositiveIntegerField(_("rows"), null=True)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("access log entry")
        verbose_name_plural = _("access log")
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} · {self.pk}"


class Job(models.Model):
    """Long work asked for by a person: it can be left, found again, and cancelled.

    The row is the job; a Celery message is only a hint to look at it (docs/design.md).
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    employee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="jobs",
        verbose_name=_("employee"),
    )
    options = models.JSONField(_("options"), default=dict)
    # Key of the uploaded file in the storage; empty once it has been cleared away.
    file = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), null=True, blank=True)
    result = models.JSONField(_("result"), default=dict)
    error = models.CharField(_("what went wrong"), max_length=500, blank=True, default="")
    cancel_asked = models.BooleanField(_("to be cancelled"), default=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(auto_now_add=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["employee", "-id"], name="job_of_employee"),
            models.Index(
                fields=["sent_at"],
                condition=Q(state__in=["waiting", "running"]),
                name="job_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("staff:job", self.public_id)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in {self.State.WAITING, self.State.RUNNING}


class JobFile(models.Model):
    """A file that a job made, for whoever asked for the job; cleared away after some days."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(_("name"), max_length=120)
    file = models.CharField(max_length=200, editable=False)
    size = models.PositiveBigIntegerField(_("bytes"))

    class Meta:
        ordering = ["id"]
        verbose_name = _("file of a job")
        verbose_name_plural = _("files of jobs")

    def __str__(self) -> str:
        return self.name


class SavedView(models.Model):
    """A list as somebody wants it again: filters, columns and sorting, as they stand in the URL."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="saved_views",
        verbose_name=_("owner"),
    )
    page = models.CharField(_("page"), max_length=20)
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(_("query"), max_length=500)
    shared = models.BooleanField(_("shared with the branch"), default=False)

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="savedview_name")
        ]

    def __str__(self) -> str:
        return self.name
