"""What pipeline/ puts into the stream of a client: the way of its opportunities."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from clients.models import Client
from crm import timeline
from crm.timeline import Before, Entry, Source
from pipeline.models import Opportunity, StageMove
from staff.models import Employee


def register() -> None:
    """Called at start-up."""
    timeline.register(Source("opportunity", 30, gettext_lazy("Opportunities"), moves))


def moves(viewer: Employee, client: Client, before: Before, count: int) -> list[Entry]:
    """Stages that opportunities came to."""
    visible = Opportunity.objects.visible_to(viewer).filter(client=client)
    rows = StageMove.objects.filter(before.moment("opportunity", "at"), opportunity__in=visible)
    rows = rows.select_related("to_stage", "employee", "opportunity").order_by("-at", "-pk")
    return [
        Entry(
            row.at,
            "opportunity",
            row.pk,
            "pipeline",
            " · ".join(filter(None, [str(row.to_stage), str(row.employee or "")])),
            "",
            row.opportunity.get_absolute_url(),
        )
        for row in rows[:count]
    ]
