"""Timeline entries of pipeline/: stage moves of the client's opportunities."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from clients.models import Client
from crm import timeline
from crm.timeline import Before, Entry, Source
from pipeline.models import Assessment, Opportunity, StageMove
from staff.models import Employee


def register() -> None:
    """Called at start-up."""
    timeline.register(Source("opportunity", 30, gettext_lazy("Opportunities"), moves))
    timeline.register(Source("assessment", 31, gettext_lazy("Assessments"), assessments))


def moves(viewer: Employee, client: Client, before: Before, count: int) -> list[Entry]:
    """Stage moves of opportunities."""
    visible = Opportunity.objects.visible_to(viewer).filter(client=client)
    rows = StageMove.objects.filter(before.moment("opportunity", "at"), opportunity__in=visible)
    rows = rows.select_related("to_stage", "employee", "opportunity").order_by("-at", "-pk")
    return [
        Entry(
            row.at,
            "opportunity",
            row.pk,
            "pipeline",
            str(row.to_stage),
            "",
            row.opportunity.get_absolute_url(),
            who=str(row.employee or ""),
        )
        for row in rows[:count]
    ]


def assessments(viewer: Employee, client: Client, before: Before, count: int) -> list[Entry]:
    """Assessments that were made of the client's opportunities."""
    rows = Assessment.objects.visible_to(viewer).filter(
        before.moment("assessment", "at"), opportunity__client=client
    )
    rows = rows.select_related("by", "opportunity").order_by("-at", "-pk")
    return [
        Entry(
            row.at,
            "assessment",
            row.pk,
            "pipeline",
            row.get_which_display(),
            row.answers.get("note", ""),
            row.opportunity.get_absolute_url(),
            who=str(row.by or ""),
        )
        for row in rows[:count]
    ]
