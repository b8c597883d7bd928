"""Parts of a list of opportunities by the way that they came: for the figures of conversion."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import DateField, Exists, ExpressionWrapper, OuterRef, QuerySet, Subquery
from django.db.models import Value as V

from pipeline.models import Opportunity, Stage, StageMove


def _moves() -> QuerySet[StageMove]:
    """Moves of the opportunity of the outer query; for a subquery only."""
    return StageMove.objects.filter(opportunity=OuterRef("pk"))


def in_days(rows: QuerySet[StageMove], days: int) -> QuerySet[StageMove]:
    """Of these moves, those within ``days`` of the creation of the opportunity."""
    last = ExpressionWrapper(
        OuterRef("created_on") + V(timedelta(days=days)), output_field=DateField()
    )
    return rows.filter(moved_on__lte=last)


def were_in(rows: QuerySet[Opportunity], stage: Stage) -> QuerySet[Opportunity]:
    """Opportunities that stood in ``stage`` itself, now or once."""
    return rows.filter(Exists(_moves().filter(to_stage=stage)))


def lost_from(rows: QuerySet[Opportunity], stage: Stage) -> QuerySet[Opportunity]:
    """Opportunities that are lost, and stood in ``stage`` before."""
    last = _moves().filter(to_stage__kind=Stage.Kind.LOST).order_by("-id").values("from_stage")[:1]
    return rows.filter(state=Stage.Kind.LOST).alias(stood=Subquery(last)).filter(stood=stage.pk)
