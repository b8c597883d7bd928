"""Opportunities and their stage moves (D-01)."""

from __future__ import annotations

import uuid

import pghistory
import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Lifecycle, ProspectType
from crm.addresses import address
from pipeline.models.stage import Competitor, LostReason, OpportunityKind, Stage
from pipeline.querysets import OpportunityQuerySet
from staff.models import Branch, Employee

# Who may be at the start of each kind. A prospect without interest may still know somebody (D-15).
STARTS = {
    OpportunityKind.ACCOUNT_OPENING: {Lifecycle.PROSPECT},
    OpportunityKind.CUSTODY_TRANSFER: {Lifecycle.CLIENT},
    OpportunityKind.SALE: {Lifecycle.CLIENT},
    OpportunityKind.REACTIVATION: {Lifecycle.CLIENT},
    OpportunityKind.REFERRAL: {Lifecycle.CLIENT, Lifecycle.PROSPECT},
}


def kinds_for(client: Client) -> list[OpportunityKind]:
    """The kinds of opportunity that may start with ``client`` as they are now."""
    if client.merged_into_id is not None:
        return []
    return [kind for kind, lifecycles in STARTS.items() if client.lifecycle in lifecycles]


def refuse_kind(client: Client, kind: str) -> None:
    """Raise ValidationError, with advice, if an opportunity of ``kind`` may not start."""
    if client.merged_into_id is not None:
        raise ValidationError(gettext("This record was merged into another: start it there."))
    if kind not in OpportunityKind.values:
        raise ValidationError({"kind": gettext("There is no such kind of opportunity.")})
    if client.lifecycle in STARTS[OpportunityKind(kind)]:
        return
    if client.lifecycle == Lifecycle.CLOSED:
        raise ValidationError(gettext("This client is closed: nothing can be started any more."))
    if client.lifecycle == Lifecycle.CLIENT:
        sentence = gettext("Only for a prospect an account is opened; this client has one already.")
    else:
        sentence = gettext("This needs an account: a prospect starts with the account opening.")
    raise ValidationError({"kind": sentence})


# Locked, so that a concurrent hand-over of the client comes before or after. What follows a
# client that changes is pipeline_follow_client (first migration): clients/ knows nothing of these.
_COPY_CLIENT = """
SELECT c.branch_id, c.manager_id, c.prospect_type
INTO NEW.branch_id, NEW.manager_id, NEW.prospect_type
FROM clients_client c WHERE c.id = NEW.client_id FOR SHARE;
IF TG_OP = 'INSERT' OR NEW.state = 'open' THEN
    NEW.owner_id := NEW.manager_id;
END IF;
RETURN NEW;
"""
# Opened again, it is its client's manager's.
_TAKE_UP = """
NEW.owner_id := NEW.manager_id;
RETURN NEW;
"""


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old),
    exclude=["updated_at", "version", "branch", "manager", "owner", "prospect_type"],
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="OpportunityEvent",
)
class Opportunity(models.Model):
    """A chance with a prospect or a client. One in progress per client and kind."""

    Kind = OpportunityKind

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, db_default=RandomUUID())
    client = models.ForeignKey(
        Client, on_delete=models.PROTECT, related_name="opportunities", verbose_name=_("client")
    )
    # Copies of the client's, kept by the database, so that a branch's board is read by one index.
    branch = models.ForeignKey(
        Branch,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("branch"),
        db_index=False,
    )
    manager = models.ForeignKey(
        Employee,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("manager"),
        db_index=False,
    )
    # Who answers for it: the client's manager, and once it is closed whoever that was then. Kept by
    # the database; results stay with whom they were of, whoever serves the client afterwards.
    owner = models.ForeignKey(
        Employee,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("owner"),
        db_index=False,
    )
    prospect_type = models.CharField(
        _("prospect type"),
        max_length=16,
        choices=ProspectType.choices,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    kind = models.CharField(
        _("kind"),
        max_length=20,
        choices=OpportunityKind.choices,
        default=OpportunityKind.ACCOUNT_OPENING,
    )
    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="opportunities", verbose_name=_("stage")
    )
    # Copy of the stage's kind, so that the database can hold the rules below.
    state = models.CharField(
        max_length=5, choices=Stage.Kind.choices, default=Stage.Kind.OPEN, editable=False
    )
    amount = models.DecimalField(
        _("expected assets (CNY)"),
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    next_step = models.CharField(_("next step"), max_length=120, blank=True, default="")
    next_step_on = models.DateField(_("next step on"), null=True, blank=True)
    competitor = models.ForeignKey(
        Competitor,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="opportunities",
        verbose_name=_("competitor"),
    )
    lost_reason = models.ForeignKey(
        LostReason,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="opportunities",
        verbose_name=_("reason for losing"),
    )
    lost_note = models.CharField(_("note on the loss"), max_length=200, blank=True, default="")
    created_on = models.DateField(_("created on"))
    stage_since = models.DateField(_("in the stage since"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    # Who changed the row last, for the message of an edit conflict.
    changed_by = models.ForeignKey(
        Employee,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("changed by"),
    )
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        indexes = [
            models.Index(fields=["stage", "-stage_since", "-id"], name="opportunity_board"),
            models.Index(
                fields=["stage", "next_step_on", "-stage_since", "-id"], name="opportunity_urgency"
            ),
            models.Index(
                fields=["branch", "stage", "next_step_on", "-stage_since", "-id"],
                name="opportunity_of_branch",
            ),
            models.Index(
                fields=["branch", "-stage_since", "-id"], name="opportunity_list_of_branch"
            ),
            models.Index(
                fields=["manager", "stage", "next_step_on", "-stage_since", "-id"],
                name="opportunity_of_manager",
            ),
            models.Index(
                fields=["manager", "-stage_since", "-id"], name="opportunity_list_of_manager"
            ),
            models.Index(
                fields=["owner", "stage", "next_step_on", "-stage_since", "-id"],
                name="opportunity_of_owner",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="copies_client",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("client_id"),
                func=_COPY_CLIENT,
            ),
            pgtrigger.Trigger(
                name="taken_up",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("state"),
                condition=pgtrigger.Q(new__state="open"),
                func=_TAKE_UP,
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "kind"],
                condition=Q(state="open"),
                name="opportunity_one_in_progress",
                violation_error_message=_("This client has an opportunity in progress already."),
            ),
            models.CheckConstraint(
                condition=Q(state="lost", lost_reason__isnull=False)
                | (~Q(state="lost") & Q(lost_reason__isnull=True)),
                name="opportunity_lost_for_a_reason",
                violation_error_message=_("Choose why it was lost."),
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="opportunity_amount_not_negative",
                violation_error_message=_("An amount below nothing cannot be expected."),
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_on__isnull=True)
                | (~Q(state="open") & Q(closed_on__isnull=False)),
                name="opportunity_closed_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} · {self.stage}"

    def get_absolute_url(self) -> str:
        return address("pipeline:detail", self.public_id)

    @property
    def lacks_next_step(self) -> bool:
        """Whether the opportunity is open without a next step and its date."""
        return self.state == Stage.Kind.OPEN and not (self.next_step and self.next_step_on)


class StageMove(models.Model):
    """Entry of an opportunity into a stage. Append-only; the funnel counts these rows."""

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, related_name="moves", verbose_name=_("opportunity")
    )
    from_stage = models.ForeignKey(
        Stage, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("from stage")
    )
    to_stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="+", verbose_name=_("to stage")
    )
    employee = models.ForeignKey(
        Employee, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    moved_on = models.DateField(_("date"))
    # Version of the opportunity that this move made; unknown for rows not written by ``move``.
    version = models.PositiveIntegerField(null=True, editable=False)
    at = models.DateTimeField(_("at"), auto_now_add=True, db_default=Now())

    class Meta:
        ordering = ["-id"]
        verbose_name = _("stage move")
        verbose_name_plural = _("stage moves")
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id} → {self.to_stage}"
