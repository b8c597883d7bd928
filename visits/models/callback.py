"""Callbacks: the table is the schedule (docs/callbacks.md)."""

from __future__ import annotations

import uuid

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clients.models import Client
from crm.addresses import address
from staff.models import Employee
from visits.models.plan import CallbackPlan
from visits.querysets import CallbackQuerySet


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    fields=["due_on", "employee", "status"],
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="CallbackEvent",
)
class Callback(models.Model):
    """One due contact. Unique per client, kind and occurrence, over all states."""

    class Kind(models.TextChoices):
        CADENCE = "cadence", _("Regular")
        NEW_ACCOUNT = "new_account", _("New account")
        EXPIRY = "expiry", _("Paper or risk test expiring")
        BIRTHDAY = "birthday", _("Birthday")
        DORMANT = "dormant", _("Dormant account")
        FLOW = "flow", _("Large inflow or outflow")
        CUSTODY = "custody", _("Custody transferred to us")
        PURCHASE = "purchase", _("Product bought")
        COMPLAINT = "complaint", _("Complaint closed")
        EVENT = "event", _("Event attended")
        PROMISE = "promise", _("Promised in a visit")
        APPOINTMENT = "appointment", _("Appointment")
        COMPLIANCE = "compliance", _("Compliance return visit")
        MANUAL = "manual", _("By hand")
        NUMBER = "number", _("Correct the number")

    class Status(models.TextChoices):
        """Merged: another open callback of the client is worked for this reason, too."""

        OPEN = "open", pgettext_lazy("callback", "Open")
        MERGED = "merged", _("Joined with another")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    class Cancelled(models.TextChoices):
        """Why a callback was cancelled. The planner may reopen only what it cancelled itself."""

        NOT_DUE = "not_due", _("No longer due")
        CONTACTED = "contacted", _("Contacted meanwhile")
        REFUSED = "refused", _("Client wants no calls")
        PERSON = "person", _("By a person")

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, db_default=RandomUUID())
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="callbacks", verbose_name=_("client")
    )
    # Empty while nobody serves the client; the branch head sees such callbacks.
    employee = models.ForeignKey(
        Employee,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="callbacks",
        verbose_name=_("employee"),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    occurrence = models.CharField(_("occurrence"), max_length=60)
    plan = models.ForeignKey(
        CallbackPlan,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="callbacks",
        verbose_name=_("plan"),
    )
    anchor_on = models.DateField(_("counted from"))
    # The calendar date that the cadence gives, before any shift.
    ideal_on = models.DateField(_("calendar date"))
    # First trading day on which it may be placed: the shifted date, or the start of a backlog.
    earliest_on = models.DateField(_("earliest"))
    due_on = models.DateField(_("due"))
    window_end = models.DateField(_("end of window"))
    hard_limit_on = models.DateField(_("hard limit"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.OPEN
    )
    cancelled_because = models.CharField(
        _("cancelled because"), max_length=10, choices=Cancelled.choices, blank=True, default=""
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    # Placed by hand or snoozed: the planner leaves the date alone.
    is_placed = models.BooleanField(_("placed by hand"), default=False)
    # Given to somebody by a person: the planner leaves the employee alone.
    is_reassigned = models.BooleanField(
        _("given to somebody"), default=False, db_default=False, editable=False
    )
    is_backlog = models.BooleanField(_("backlog"), default=False)
    over_capacity = models.BooleanField(_("over capacity"), default=False)
    confidential = models.BooleanField(_("confidential"), default=False)
    # Attempts that did not reach the client.
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="joined",
    )
    # Kinds of those joined with this one: a copy for the lists, written by the planner.
    also = ArrayField(
        models.CharField(max_length=12, choices=Kind.choices),
        verbose_name=_("also for"),
        default=list,
        db_default=[],
        blank=True,
        editable=False,
    )
    # Put off within today: before this time it stands behind what else is due.
    rests_until = models.DateTimeField(_("rests until"), null=True, blank=True, editable=False)
    # Appointments only.
    starts_at = models.DateTimeField(_("begins"), null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True, default="", db_default="")
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    # Business date of the visit that answered it.
    done_on = models.DateField(_("done on"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True, db_default=Now())

    objects = CallbackQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        indexes = [
            models.Index(
                fields=["employee", "due_on", "id"],
                condition=Q(status="open"),
                name="callback_of_employee",
            ),
            models.Index(
                fields=["due_on", "id"], condition=Q(status="open"), name="callback_by_due"
            ),
            # What a head's list counts and finds by the clients of a branch, without their rows.
            models.Index(
                fields=["client", "due_on", "id"],
                include=["confidential"],
                condition=Q(status="open"),
                name="callback_of_client",
            ),
            models.Index(
                fields=["employee", "done_on"],
                condition=Q(status="done"),
                name="callback_done",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "kind", "occurrence"], name="callback_occurrence"
            ),
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(kind="cadence", status="open"),
                name="callback_one_open_cadence",
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled", cancelled_because__gt="")
                | (~Q(status="cancelled") & Q(cancelled_because="")),
                name="callback_cancelled_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(status="done", done_at__isnull=False, done_on__isnull=False)
                | (~Q(status="done") & Q(done_at__isnull=True, done_on__isnull=True)),
                name="callback_done_at",
            ),
            models.CheckConstraint(
                # Done or cancelled, it still says with which other it was worked.
                condition=Q(status="merged", merged_into__isnull=False)
                | Q(status="open", merged_into__isnull=True)
                | Q(status__in=["done", "cancelled"]),
                name="callback_merged_into",
            ),
            models.CheckConstraint(
                condition=Q(kind="appointment", starts_at__isnull=False, minutes__isnull=False)
                | (~Q(kind="appointment") & Q(starts_at__isnull=True, minutes__isnull=True)),
                name="callback_appointment_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} · {self.due_on}"

    def get_absolute_url(self) -> str:
        return address("visits:callback", self.public_id)


# A person set their day: the planner never moves or joins them, and cancels none but the request to
# correct a number, once there is one to dial.
BY_HAND = frozenset(
    {
        Callback.Kind.MANUAL,
        Callback.Kind.PROMISE,
        Callback.Kind.APPOINTMENT,
        Callback.Kind.NUMBER,
    }
)


class CallbackChange(models.Model):
    """A decision of a person on a callback, with its reason. Append-only."""

    class Action(models.TextChoices):
        SNOOZED = "snoozed", _("Snoozed")
        CANCELLED = "cancelled", _("Cancelled")
        CREATED = "created", _("Created")
        MOVED = "moved", _("Moved")
        REASSIGNED = "reassigned", _("Given to somebody")
        # A day beyond the policy: a head decides. Any later decision but a reassignment answers it.
        ASKED = "asked", _("Asked to put off")
        REFUSED = "refused", _("Not put off")

    callback = models.ForeignKey(
        Callback, on_delete=models.PROTECT, related_name="changes", verbose_name=_("callback")
    )
    action = models.CharField(_("action"), max_length=10, choices=Action.choices)
    old_due_on = models.DateField(_("due before"), null=True)
    new_due_on = models.DateField(_("due after"), null=True)
    reason = models.CharField(_("reason"), max_length=200)
    employee = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("callback change")
        verbose_name_plural = _("callback changes")
        indexes = [
            models.Index(
                fields=["callback"], condition=Q(action="asked"), name="callbackchange_asked"
            )
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.callback_id} {self.get_action_display()}"
