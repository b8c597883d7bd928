"""The inbox of each employee."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import notifications
from staff.models.people import Employee


class Notification(models.Model):
    """A line in an employee's inbox. Unique per ``key``, so delivery happens exactly once."""

    employee = models.ForeignKey(
        Employee, on_delete=models.CASCADE, related_name="notifications", verbose_name=_("employee")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=notifications.choices)
    key = models.CharField(_("key"), max_length=80, unique=True)
    # Figures of the sentence ("due": 5, "overdue": 2); worded in the reader's language on show.
    params = models.JSONField(_("figures"), default=dict)
    url = models.CharField(_("link"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            models.Index(
                fields=["employee"], condition=Q(read_at__isnull=True), name="notification_unread"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        return self.url or reverse("staff:notifications")

    @property
    def title(self) -> str:
        """The sentence of this line in the reader's language; figures only, no client's name."""
        kind = notifications.kinds.get(self.kind)
        # A room that declared the kind may have left; its lines are not lost.
        return kind.title(self.params) if kind else self.key
