"""Changes of the ranking by employees: weights of a branch, overrides of opportunities."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.reasons import clean_reason
from crm.trading_days import today
from pipeline.models import Opportunity, RankingOverride, RankingWeights, Stage
from pipeline.opportunities.services import locked
from pipeline.ranking.scoring import score
from staff.models import Branch, Employee

# An override is for the days to come; for longer, the weights are what is wrong.
MOST_DAYS = 92


@transaction.atomic
def override(
    *, opportunity: Opportunity, by: Employee, direction: int, until: date, reason: str
) -> RankingOverride:
    """Put the opportunity first or last until a day; an override in force ends with it.

    Raises ValidationError when closed, without a reason, or for a day that has passed.
    """
    row = locked(opportunity)
    if row.state != Stage.Kind.OPEN:
        raise ValidationError(_("This opportunity is closed and is ranked no longer."))
    reason = clean_reason(reason)
    if not 0 <= (until - today()).days <= MOST_DAYS:
        raise ValidationError(
            {"until": _("Choose a day from today on, at most three months ahead.")}
        )
    if direction not in RankingOverride.Direction.values:
        raise ValidationError({"direction": _("Choose the top or the end.")})
    _end(row, by)
    made = RankingOverride.objects.create(
        opportunity=row, direction=direction, until=until, reason=reason, by=by
    )
    score(opportunities=[row.pk])
    return made


@transaction.atomic
def end_override(*, opportunity: Opportunity, by: Employee) -> None:
    """Let the factors decide again; nothing happens where no override is in force."""
    row = locked(opportunity)
    _end(row, by)
    score(opportunities=[row.pk])


def _end(opportunity: Opportunity, by: Employee) -> None:
    rows = RankingOverride.objects.filter(opportunity=opportunity, ended_at=None)
    rows.update(ended_at=timezone.now(), ended_by=by)


@transaction.atomic
def set_weights(
    *,
    branch: Branch | None,
    by: Employee,
    capital: Decimal,
    probability: Decimal,
    timing: Decimal,
    reason: str,
) -> RankingWeights:
    """Set weights for a branch and those below without their own; the former row is ended.

    Every open opportunity there is scored anew at once; those of the whole firm, for which nobody
    should wait, by the next tick (``scoring.score_changed``). Raises ValidationError outside 0 to
    3, or when all are zero.
    """
    given = (capital, probability, timing)
    if not all(0 <= weight <= 3 for weight in given) or not any(given):
        raise ValidationError(_("Choose weights from 0 to 3, and not all of them 0."))
    reason = clean_reason(reason)
    if branch is not None:
        Branch.objects.select_for_update().get(pk=branch.pk)
    RankingWeights.objects.filter(branch=branch, ended_at=None).update(ended_at=timezone.now())
    made = RankingWeights.objects.create(
        branch=branch, by=by, capital=capital, probability=probability, timing=timing, reason=reason
    )
    if branch is not None:
        rows = Opportunity.objects.filter(state=Stage.Kind.OPEN)
        rows = rows.filter(branch__path__startswith=branch.path)
        score(opportunities=list(rows.values_list("pk", flat=True)))
    return made


def weights_of(branch: Branch | None) -> RankingWeights:
    """The weights that hold in a branch: its own, those above, the firm's, or all of them 1."""
    path = branch.ancestor_ids if branch else []
    rows = {
        row.branch_id: row
        for row in RankingWeights.objects.filter(ended_at=None).select_related("branch", "by")
    }
    for key in [*reversed(path), None]:
        if key in rows:
            return rows[key]
    return RankingWeights(capital=Decimal(1), probability=Decimal(1), timing=Decimal(1))
