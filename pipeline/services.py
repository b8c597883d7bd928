"""Writes of the pipeline: start an opportunity, change it, move it along the stages (D-01)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.models import Client, Lifecycle
from crm.operations import AccountOpened, account_opened
from crm.trading_days import today
from pipeline.models import LostReason, Opportunity, Stage, StageMove
from staff.models import Employee


class ChangedMeanwhile(Exception):
    """Someone else changed the opportunity after this person had read it."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Someone else changed this opportunity meanwhile. Look at it as it is now, then try again."
            )
        )


def create_opportunity(
    *,
    client: Client,
    by: Employee,
    amount: Decimal | None = None,
    expected_on: date | None = None,
    next_step: str = "",
    next_step_on: date | None = None,
    stage: Stage | None = None,
) -> Opportunity:
    """Start an opportunity for a prospect, in the first stage unless another is named.

    Raises ValidationError when the client is no prospect or has one in progress already.
    """
    with transaction.atomic():
        client = Client.objects.select_for_update().get(pk=client.pk)
        if client.lifecycle != Lifecycle.PROSPECT or client.merged_into_id:
            raise ValidationError(
                _("Only a prospect can have an opportunity; this client has an account already.")
                if client.lifecycle == Lifecycle.CLIENT
                else _("Only a prospect can have an opportunity.")
            )
        kind = Opportunity.Kind.ACCOUNT_OPENING
        if Opportunity.objects.filter(client=client, kind=kind, state=Stage.Kind.OPEN).exists():
            raise ValidationError(
                _("This client has an opportunity in progress already. Open it and go on there.")
            )
        stage = stage or Stage.objects.filter(kind=Stage.Kind.OPEN, is_active=True).first()
        if stage is None or not stage.is_active or stage.kind != Stage.Kind.OPEN:
            raise ValidationError(_("Choose a stage that is in progress."))
        day = today()
        opportunity = Opportunity.objects.create(
            client=client,
            kind=kind,
            stage=stage,
            state=stage.kind,
            amount=amount,
            expected_on=expected_on,
            next_step=next_step,
            next_step_on=next_step_on,
            created_on=day,
            stage_since=day,
        )
        StageMove.objects.create(
            opportunity=opportunity, from_stage=None, to_stage=stage, employee=by, moved_on=day
        )
    return opportunity


def update_opportunity(
    *,
    opportunity: Opportunity,
    version: int,
    amount: Decimal | None,
    expected_on: date | None,
    next_step: str,
    next_step_on: date | None,
) -> Opportunity:
    """Change what is expected and the next step.

    Raises ChangedMeanwhile when ``version`` is no longer the row's, ValidationError when closed.
    """
    with transaction.atomic():
        row = _locked(opportunity)
        if row.version != version:
            raise ChangedMeanwhile
        _refuse_closed(row)
        row.amount = amount
        row.expected_on = expected_on
        row.next_step = next_step
        row.next_step_on = next_step_on
        row.version += 1
        row.save()
    return row


def move(
    *,
    opportunity: Opportunity,
    stage: Stage,
    by: Employee,
    version: int,
    lost_reason: LostReason | None = None,
    lost_note: str = "",
    opened_on: date | None = None,
) -> Opportunity:
    """Bring the opportunity to ``stage``; a lost one needs a reason.

    The stage of kind won opens the account: every room's part of ``account_opened`` runs in this
    transaction, with ``opened_on`` (today unless given, never in the future). A move that the same
    employee has made just before is the same form posted twice and changes nothing. Raises
    ChangedMeanwhile when ``version`` is no longer the row's, ValidationError when refused.
    """
    with transaction.atomic():
        row = _locked(opportunity)
        if row.stage_id == stage.pk and row.version == version + 1 and _last_mover(row) == by.pk:
            return row
        if row.version != version:
            raise ChangedMeanwhile
        _refuse_closed(row)
        if row.stage_id == stage.pk:
            return row
        if not stage.is_active:
            raise ValidationError(_("This stage is no longer in use. Choose another."))
        day = today()
        came_from, row.stage, row.state, row.stage_since = row.stage, stage, stage.kind, day
        row.version += 1
        if stage.kind == Stage.Kind.LOST:
            if lost_reason is None:
                raise ValidationError({"lost_reason": _("Choose why it was lost.")})
            row.lost_reason, row.lost_note, row.closed_on = lost_reason, lost_note, day
        elif stage.kind == Stage.Kind.WON:
            opened_on = _opening_day(row.client, opened_on or day, day)
            row.closed_on = day
        row.save()
        StageMove.objects.create(
            opportunity=row, from_stage=came_from, to_stage=stage, employee=by, moved_on=day
        )
        if stage.kind == Stage.Kind.WON:
            account_opened.run(AccountOpened(row.client, opened_on or day, by))
    return row


def _locked(opportunity: Opportunity) -> Opportunity:
    # Without joins: after a wait for the lock, PostgreSQL drops a row whose stage has changed.
    return Opportunity.objects.select_for_update().get(pk=opportunity.pk)


def _last_mover(opportunity: Opportunity) -> int | None:
    last = opportunity.moves.order_by("-id").first()
    return last.employee_id if last else None


def _refuse_closed(opportunity: Opportunity) -> None:
    if opportunity.state != Stage.Kind.OPEN:
        raise ValidationError(_("This opportunity is closed and no longer changes."))


def _opening_day(client: Client, opened_on: date, day: date) -> date:
    if opened_on > day:
        raise ValidationError(
            {"opened_on": _("The opening date lies in the future. Enter today or an earlier day.")}
        )
    if opened_on < client.recorded_on:
        raise ValidationError(
            {
                "opened_on": _(
                    "The prospect was recorded on %(day)s; the account cannot be older than that."
                )
                % {"day": date_format(client.recorded_on, "SHORT_DATE_FORMAT")}
            }
        )
    return opened_on
