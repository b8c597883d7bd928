"""The inbox of each employee."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import periodic
from staff.models.people import Employee


class Notification(models.Model):
    """A line in an employee's inbox. Unique per ``key``, so delivery happens exactly once."""

    class Kind(models.TextChoices):
        DIGEST = "digest", _("Callbacks due")
        OVER_CAPACITY = "over_capacity", _("Over capacity")
        HOLIDAYS = "holidays", _("Holidays missing")
        SYSTEM = "system", _("System")
        JOB = "job", _("Work finished")
        HAND_OVER = "hand_over", _("Hand-over")
        ESCALATION = "escalation", _("Long overdue")
        OUTAGE = "outage", _("Machinery silent")
        RETURN_VISITS = "return_visits", _("Compliance return visits")
        EXCEPTION_CASE = "exception_case", _("Exception case")
        PUBLIC_FORM = "public_form", _("Public form")

    employee = models.ForeignKey(
        Employee, on_delete=models.CASCADE, related_name="notifications", verbose_name=_("employee")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
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
        wordings = {
            self.Kind.DIGEST: _("Callbacks due today: %(due)s, overdue: %(overdue)s"),
            self.Kind.HOLIDAYS: _(
                "No closed days are recorded for %(year)s yet. Enter them once they are published."
            ),
            self.Kind.OVER_CAPACITY: _("Callbacks beyond the capacity of the day: %(count)s"),
            self.Kind.SYSTEM: _("%(text)s"),
            self.Kind.JOB: _("%(title)s: finished"),
            self.Kind.ESCALATION: _("Long overdue in your branch: %(count)s"),
            self.Kind.OUTAGE: periodic.sentence(
                str(self.params.get("part", "")), over=bool(self.params.get("over"))
            )
            or _("%(text)s"),
            self.Kind.HAND_OVER: _("Clients of %(name)s: %(count)s handed over"),
            self.Kind.RETURN_VISITS: _("Return visits due today: %(due)s, overdue: %(overdue)s"),
            self.Kind.EXCEPTION_CASE: _("A return visit opened an exception case"),
            self.Kind.PUBLIC_FORM: _("Somebody on record filled in the form behind a QR code"),
        }
        figures = {
            "due": 0,
            "overdue": 0,
            "count": 0,
            "ahead": 0,
            "text": "",
            "year": "",
            "title": "",
            "name": "",
            "state": "done",
            "cancelled": False,
            "reason": "",
            **self.params,
        }
        wording = wordings[self.Kind(self.kind)]
        if self.kind == self.Kind.JOB and figures.get("failed"):
            wording = _("%(title)s: could not be finished")
        if self.kind == self.Kind.HAND_OVER and figures["state"] == "given":
            wording = _("%(name)s gave you a callback")
        elif self.kind == self.Kind.HAND_OVER and figures["state"] == "asked":
            wording = _("Clients of %(name)s: handing over %(count)s waits for your decision")
        elif self.kind == self.Kind.HAND_OVER and figures["state"] != "done":
            wording = _(
                "Clients of %(name)s: the hand-over was refused, taken back or not possible"
            )
        if self.kind == self.Kind.RETURN_VISITS and "review" in figures:
            wording = _(
                "Return visits: %(unassigned)s with nobody to act, %(overdue)s overdue, "
                "%(review)s to be reviewed"
            )
        if self.kind == self.Kind.PUBLIC_FORM and figures.get("new"):
            wording = _("A new prospect filled in the form behind your QR code")
        if figures["cancelled"]:
            wording = _("Cancelled: %(name)s (%(reason)s). Tell the clients you invited.")
        if figures["ahead"]:
            wording = _("Callbacks due today: %(due)s, overdue: %(overdue)s, coming up: %(ahead)s")
        return str(wording) % figures
