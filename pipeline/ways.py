"""Parts of a list of opportunities by the way that they came: for the figures of conversion."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import DateField, Exists, ExpressionWrapper, OuterRef, QuerySet, Subquery
from django.db.models import Value as V

from pipeline.models import Opportunity, Stage, StageMove


def moves() -> QuerySet[StageMove]:
    """Moves of the opportunity of the outer query; for a subquery only."""
    return StageMove.objects.filter(opportunity=OuterRef("pk"))


def moves_between(since: date | None, until: date | None) -> QuerySet[StageMove]:
    """The same, both days included."""
    rows = moves()
    if since is not None:
        rows = rows.filter(moved_on__gte=since)
    if until is not None:
        rows = rows.filter(moved_on__lte=until)
    return rows


def came_to(rows: QuerySet[StageMove], stage: Stage) -> Exists:
    """Whether one of these moves came to ``stage`` or beyond; losing is no stage beyond."""
    if stage.kind == Stage.Kind.LOST:
        return Exists(rows.filter(to_stage=stage))
    ahead = rows.exclude(to_stage__kind=Stage.Kind.LOST)
    return Exists(ahead.filter(to_stage__position__gte=stage.position))


def in_days(rows: QuerySet[StageMove], days: int) -> QuerySet[StageMove]:
    """Of these moves, those within ``days`` of the creation of the opportunity."""
    last = ExpressionWrapper(
        OuterRef("created_on") + V(timedelta(days=days)), output_field=DateField()
    )
    return rows.filter(moved_on__lte=last)


def were_in(rows: QuerySet[Opportunity], stage: Stage) -> QuerySet[Opportunity]:
    """Opportunities that stood in ``stage`` itself, now or once."""
    return rows.filter(Exists(moves().filter(to_stage=stage)))


def lost_from(rows: QuerySet[Opportunity], stage: Stage) -> QuerySet[Opportunity]:
    """Opportunities that are lost, and stood in ``stage`` before."""
    last = moves().filter(to_stage__kind=Stage.Kind.LOST).order_by("-id").values("from_stage")[:1]
    return rows.filter(state=Stage.Kind.LOST).alias(stood=Subquery(last)).filter(stood=stage.pk)
