"""Return visits: a confidential callback with reason, visitor and reviewer (docs/rules.md)."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from compliance.querysets import ReturnVisitorQuerySet, ReturnVisitQuerySet
from crm.addresses import address
from crm.localized import listed
from staff.models import Branch, Employee
from visits.models import Callback, Visit

# Neither visitor nor reviewer serves or won the client, now or in the past.
_NEVER_OWN = """
    IF EXISTS (SELECT FROM visits_callback k
               JOIN clients_assignment a ON a.client_id = k.client_id
               WHERE k.id = NEW.callback_id
                 AND a.employee_id IN (NEW.visited_by_id, NEW.reviewed_by_id)) THEN
        RAISE EXCEPTION 'nobody makes or reviews a return visit to a client of their own'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'returnvisit_never_own';
    END IF;
    RETURN NEW;
"""


class ReturnVisitor(models.Model):
    """An employee named to make return visits for a branch and those below it."""

    employee = models.ForeignKey(
        Employee,
        on_delete=models.PROTECT,
        related_name="return_visitor",
        verbose_name=_("employee"),
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, related_name="return_visitors", verbose_name=_("branch")
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)
    named_by = models.ForeignKey(
        Employee, on_delete=models.PROTECT, related_name="+", verbose_name=_("named by")
    )

    objects = ReturnVisitorQuerySet.as_manager()

    class Meta:
        ordering = ["branch", "employee"]
        verbose_name = _("return visitor")
        verbose_name_plural = _("return visitors")
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "branch"],
                condition=Q(valid_to__isnull=True),
                name="returnvisitor_one_open",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="returnvisitor_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee} · {self.branch}"


class ReturnVisit(models.Model):
    """Data of a return visit besides its callback and its visit.

    The callback says for whom, by whom and when; ``visit`` is the newest entry that reached the
    client. Who made it, and who accepted it, are two people.
    """

    class Reason(models.TextChoices):
        NEW_ACCOUNT = "new_account", _("New account")
        YEARLY = "yearly", _("Yearly sample")
        DEPARTURE = "departure", _("Manager left")
        ASSETS = "assets", _("Key client: large assets for the first time")
        FLOW = "flow", _("Abnormal account: large sum in or out")
        COMPLAINT = "complaint", _("Complaint")
        HAND = "hand", _("Planned by compliance")

    class State(models.TextChoices):
        PLANNED = "planned", _("To be visited")
        RETURNED = "returned", _("Returned by the reviewer")
        TO_REVIEW = "to_review", _("To be reviewed")
        ACCEPTED = "accepted", _("Accepted")
        CLOSED = "closed", _("Closed without a visit")

    callback = models.OneToOneField(
        Callback, on_delete=models.PROTECT, related_name="return_visit", verbose_name=_("callback")
    )
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    visit = models.ForeignKey(
        Visit,
        null=True,
        on_delete=models.PROTECT,
        related_name="return_visits",
        verbose_name=_("visit"),
    )
    visited_by = models.ForeignKey(
        Employee,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("visited by"),
    )
    visited_on = models.DateField(_("visited on"), null=True)
    # The reviewer sent it back: it is to be visited again.
    is_returned = models.BooleanField(_("returned"), default=False, db_default=False)
    # Who accepted it; a reviewer who returned it is recorded in the steps.
    reviewed_by = models.ForeignKey(
        Employee,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True)

    objects = ReturnVisitQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("return visit")
        verbose_name_plural = _("return visits")
        constraints = [
            models.CheckConstraint(
                condition=Q(visit__isnull=True, visited_by__isnull=True, visited_on__isnull=True)
                | Q(visit__isnull=False, visited_by__isnull=False, visited_on__isnull=False),
                name="returnvisit_visited",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True, reviewed_at__isnull=True)
                | Q(
                    reviewed_by__isnull=False,
                    reviewed_at__isnull=False,
                    visited_by__isnull=False,
                    is_returned=False,
                ),
                name="returnvisit_reviewed",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("visited_by")),
                name="returnvisit_another_reviews",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="never_own",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("visited_by_id", "reviewed_by_id"),
                func=_NEVER_OWN,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.callback.client} · {self.get_reason_display()}"

    def get_absolute_url(self) -> str:
        return address("compliance:visit", self.callback.public_id)

    @property
    def reasons(self) -> str:
        """The reasons for which the client is visited in this contact, each once."""
        others = [one.return_visit for one in self.callback.joined.all()]
        rows = [self, *sorted(others, key=lambda row: row.pk)]
        return listed(dict.fromkeys(row.get_reason_display() for row in rows))

    @property
    def state(self) -> State:
        """The state, derived from callback and review."""
        status = self.callback.status
        if self.reviewed_by_id is not None:
            return self.State.ACCEPTED
        if status == Callback.Status.CANCELLED:
            return self.State.CLOSED
        if status == Callback.Status.DONE:
            return self.State.TO_REVIEW
        return self.State.RETURNED if self.is_returned else self.State.PLANNED


class ReturnVisitStep(models.Model):
    """A step in the history of a return visit, with its author and comment. Append-only."""

    class Action(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ASSIGNED = "assigned", _("Given to somebody")
        TRIED = "tried", _("Not reached")
        VISITED = "visited", _("Visited")
        ACCEPTED = "accepted", _("Accepted")
        RETURNED = "returned", _("Returned")
        CLOSED = "closed", _("Closed without a visit")

    return_visit = models.ForeignKey(
        ReturnVisit, on_delete=models.PROTECT, related_name="steps", verbose_name=_("return visit")
    )
    action = models.CharField(_("action"), max_length=10, choices=Action.choices)
    words = models.CharField(_("words"), max_length=500, blank=True, default="", db_default="")
    visit = models.ForeignKey(
        Visit, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("visit")
    )
    employee = models.ForeignKey(
        Employee,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Empty: the nightly run."),
    )
    at = models.DateTimeField(_("at"), auto_now_add=True, db_default=Now())

    class Meta:
        ordering = ["-id"]
        verbose_name = _("step of a return visit")
        verbose_name_plural = _("steps of return visits")
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.return_visit_id} {self.get_action_display()}"
