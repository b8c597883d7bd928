"""Writes of the pipeline: start an opportunity, change it, move it along the stages (D-01)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from clients.models import Client
from crm.trading_days import today
from pipeline.models import (
    Assessment,
    AssessmentKind,
    Competitor,
    LostReason,
    Opportunity,
    OpportunityKind,
    Stage,
    StageMove,
)
from pipeline.models.opportunity import refuse_kind
from pipeline.opportunities.closing import close
from staff.models import Employee

_CHANGES = (
    "stage",
    "state",
    "stage_since",
    "closed_on",
    "amount",
    "expected_on",
    "next_step",
    "next_step_on",
    "competitor",
    "lost_reason",
    "lost_note",
    "changed_by",
    "version",
    "updated_at",
)


class ChangedMeanwhile(Exception):
    """The opportunity was changed by somebody else after the user had read it."""

    def __init__(self, row: Opportunity | None = None, version: int = 0) -> None:
        super().__init__(_what_happened(row, version))


def _what_happened(row: Opportunity | None, version: int) -> str:
    if row is not None:
        moves = row.moves.filter(version__gt=version).select_related("to_stage", "employee")
        last = moves.order_by("-id").first()
        if last is not None and last.employee is not None:
            return _(
                "%(name)s moved this opportunity to “%(stage)s” meanwhile. "
                "Look at it as it is now, then try again."
            ) % {"name": last.employee, "stage": last.to_stage}
        if row.changed_by is not None:
            return _(
                "%(name)s changed this opportunity meanwhile. "
                "Look at it as it is now, then try again."
            ) % {"name": row.changed_by}
    return _(
        "Someone else changed this opportunity meanwhile. Look at it as it is now, then try again."
    )


@transaction.atomic
def create_opportunity(
    *,
    client: Client,
    by: Employee,
    kind: str = OpportunityKind.ACCOUNT_OPENING,
    amount: Decimal | None = None,
    expected_on: date | None = None,
    next_step: str = "",
    next_step_on: date | None = None,
    competitor: Competitor | None = None,
    stage: Stage | None = None,
) -> Opportunity:
    """Start an opportunity of ``kind``, in its first stage unless another is named.

    Raises ValidationError where the client may not have one of this kind (``refuse_kind``) or has
    one in progress already, and where the named stage needs an assessment.
    """
    client = Client.objects.select_for_update().get(pk=client.pk)
    refuse_kind(client, kind)
    _refuse_negative(amount)
    if Opportunity.objects.filter(client=client, kind=kind, state=Stage.Kind.OPEN).exists():
        raise ValidationError(
            _("This client has an opportunity of this kind in progress. Open it and go on there.")
        )
    first = Stage.objects.of(kind).filter(kind=Stage.Kind.OPEN).first()
    stage = stage or first
    if stage is None or not stage.is_active or stage.kind != Stage.Kind.OPEN:
        raise ValidationError(_("Choose a stage that is in progress."))
    _refuse_other_kind(kind, stage)
    if stage != first:
        refuse_skipped(stage.gates_from(None))
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
        competitor=competitor,
        changed_by=by,
        created_on=day,
        stage_since=day,
    )
    StageMove.objects.create(
        opportunity=opportunity, to_stage=stage, employee=by, moved_on=day, version=1
    )
    return opportunity


@transaction.atomic
def update_opportunity(
    *,
    opportunity: Opportunity,
    version: int,
    amount: Decimal | None,
    expected_on: date | None,
    next_step: str,
    next_step_on: date | None,
    competitor: Competitor | None = None,
    by: Employee | None = None,
) -> Opportunity:
    """Change expectations and the next step.

    Raises ChangedMeanwhile when ``version`` is no longer the row's, ValidationError when closed.
    """
    row = locked(opportunity)
    if row.version != version:
        raise ChangedMeanwhile(row, version)
    refuse_closed(row)
    _refuse_negative(amount)
    row.amount = amount
    row.expected_on = expected_on
    row.next_step = next_step
    row.next_step_on = next_step_on
    row.competitor = competitor
    save(row, by)
    return row


@transaction.atomic
def move(
    *,
    opportunity: Opportunity,
    stage: Stage,
    by: Employee,
    version: int,
    lost_reason: LostReason | None = None,
    lost_note: str = "",
    competitor: Competitor | None = None,
    opened_on: date | None = None,
) -> Opportunity:
    """Bring the opportunity to ``stage`` of its kind; a lost one needs a reason.

    The assessments that stages on the way require must be there (``Stage.gates_from``). What is
    won has its consequences in this transaction (pipeline/opportunities/closing.py): the account is opened, the
    transfer or purchase noted, on ``opened_on`` (today unless given, never in the future). A move
    that the same employee has made just before is the same form posted twice and changes nothing.
    Raises ChangedMeanwhile when ``version`` is no longer the row's, ValidationError when refused.
    """
    row = locked(opportunity)
    if row.stage_id == stage.pk and row.version == version + 1 and _last_mover(row) == by.pk:
        return row
    if row.version != version:
        raise ChangedMeanwhile(row, version)
    refuse_closed(row)
    if row.stage_id == stage.pk:
        return row
    if not stage.is_active:
        raise ValidationError(_("This stage is no longer in use. Choose another."))
    _refuse_other_kind(row.kind, stage)
    refuse_skipped(missing_gates(row, stage))
    if stage.kind == Stage.Kind.LOST and (lost_reason is None or not lost_reason.fits(row.kind)):
        raise ValidationError({"lost_reason": _("Choose why it was lost.")})
    day = today()
    came_from, row.stage, row.state, row.stage_since = row.stage, stage, stage.kind, day
    if stage.kind != Stage.Kind.OPEN:
        row.closed_on = day
        row.competitor = competitor or row.competitor
    if stage.kind == Stage.Kind.LOST:
        row.lost_reason, row.lost_note = lost_reason, lost_note
    save(row, by)
    StageMove.objects.create(
        opportunity=row,
        from_stage=came_from,
        to_stage=stage,
        employee=by,
        moved_on=day,
        version=row.version,
    )
    if stage.kind == Stage.Kind.WON:
        close(opportunity=row, happened_on=opened_on or day, by=by)
    return row


@transaction.atomic
def undo_move(*, opportunity: Opportunity, by: Employee, version: int) -> Opportunity:
    """Bring the opportunity back to where its last move, made by ``by``, took it from.

    Both moves stay on record. Raises ChangedMeanwhile when anything was changed since,
    ValidationError where the last move was somebody else's, the first one, or closed it.
    """
    row = locked(opportunity)
    if row.version != version:
        raise ChangedMeanwhile(row, version)
    last = row.moves.select_related("from_stage").order_by("-id").first()
    if last is None or last.from_stage is None or last.employee_id != by.pk:
        raise ValidationError(_("There is no move of yours to take back. Look at the card."))
    return move(opportunity=row, stage=last.from_stage, by=by, version=version)


def missing_gates(opportunity: Opportunity, stage: Stage) -> list[str]:
    """Assessments required for ``stage`` that the opportunity lacks."""
    needed = stage.gates_from(opportunity.stage)
    if not needed:
        return []
    made = set(Assessment.objects.filter(opportunity=opportunity).values_list("which", flat=True))
    return [gate for gate in needed if gate not in made]


def refuse_skipped(missing: list[str]) -> None:
    """Raise ValidationError that names the assessments to be made first."""
    if missing:
        names = [str(AssessmentKind(gate).label) for gate in missing]
        raise ValidationError(
            _("Make first: %(assessments)s. The way to this stage needs them.")
            % {"assessments": get_text_list(names, _("and"))},
            code="gate",
        )


def locked(opportunity: Opportunity) -> Opportunity:
    """The row, locked with its client until the end of the transaction.

    The client first: a hand-over holds the lock of its clients when their opportunities follow
    (trigger pipeline_follow_client), and the other way round the two would wait for each other.
    Without joins: after a wait for the lock, PostgreSQL drops a row whose stage has changed.
    """
    rows = Opportunity.objects.filter(pk=opportunity.pk)
    row = None
    while row is None:  # again where it went to another client meanwhile, by a merge
        client = rows.values_list("client", flat=True).get()
        Client.objects.select_for_update(of=("self",), no_key=True).get(pk=client)
        row = rows.filter(client=client).select_for_update(no_key=True).first()
    return row


def save(row: Opportunity, by: Employee | None) -> None:
    """Save a locked row as its next version, changed by ``by``.

    Not the client, which no change touches: naming the column would read it anew, locked.
    """
    row.changed_by = by
    row.version += 1
    row.save(update_fields=_CHANGES)


def refuse_closed(opportunity: Opportunity) -> None:
    """Raise ValidationError for a closed opportunity."""
    if opportunity.state != Stage.Kind.OPEN:
        raise ValidationError(_("This opportunity is closed and no longer changes."))


def _last_mover(opportunity: Opportunity) -> int | None:
    last = opportunity.moves.order_by("-id").first()
    return last.employee_id if last else None


def _refuse_other_kind(kind: str, stage: Stage) -> None:
    if stage.opportunity_kind != kind:
        raise ValidationError(
            {
                "stage": _("“%(stage)s” is a stage of another kind of opportunity.")
                % {"stage": stage}
            }
        )


def _refuse_negative(amount: Decimal | None) -> None:
    if amount is not None and amount < 0:
        raise ValidationError({"amount": _("An amount below nothing cannot be expected.")})
