"""What pages of lower rooms show of the pipeline; at most one statement each."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, Q
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.urls import reverse

from clients.models import Client, Lifecycle
from clients.querysets import may_record
from crm import panels
from crm.trading_days import today
from pipeline.models import Opportunity, Stage
from pipeline.money import yuan
from staff.models import Employee

# Prospects named beside Today; the board has the rest.
NEXT_PROSPECTS = 6


def register() -> None:
    """Called at start-up."""
    panels.register(
        panels.Panel("client", "pipeline", 60, "pipeline/client_panel.html", _of_client)
    )
    panels.register(
        panels.Panel("client_actions", "pipeline", 40, "pipeline/client_action.html", _start)
    )
    panels.register(
        panels.Panel("today_side", "pipeline", 20, "pipeline/today_panel.html", _next_prospects)
    )


def _viewer(request: HttpRequest) -> Employee | None:
    return request.user if isinstance(request.user, Employee) else None


def _of_client(request: HttpRequest, client: Client) -> dict[str, Any]:
    """The opportunities of the client with the stages that each came to."""
    viewer = _viewer(request)
    if viewer is None:
        return {"opportunities": []}
    step = JSONObject(
        zh="moves__to_stage__name_zh",
        en="moves__to_stage__name_en",
        on="moves__moved_on",
        by="moves__employee__full_name",
    )
    rows = Opportunity.objects.visible_to(viewer).filter(client=client)
    rows = rows.select_related("stage", "lost_reason").annotate(
        way=ArrayAgg(step, filter=Q(moves__isnull=False), order_by="moves__id", default=[])
    )
    found = []
    for row in rows.order_by("-id"):
        way = [
            {"stage": step["zh"], "stage_en": step["en"] or step["zh"], "by": step["by"]}
            | {"on": date.fromisoformat(step["on"])}
            for step in row.way  # type: ignore[attr-defined]
        ]
        found.append({"row": row, "amount": yuan(row.amount), "way": way})
    return {"opportunities": found, "day": today()}


def _start(request: HttpRequest, client: Client) -> dict[str, Any]:
    """Whether an opportunity can be started: for a prospect without one, by whoever may edit."""
    viewer = _viewer(request)
    may = viewer is not None and may_record(viewer)
    if not may or client.lifecycle != Lifecycle.PROSPECT:
        return {"start_url": ""}
    in_progress = Opportunity.objects.filter(client=client, state=Stage.Kind.OPEN)
    if in_progress.exists():
        return {"start_url": ""}
    return {"start_url": reverse("pipeline:create", args=[client.public_id])}


def _next_prospects(request: HttpRequest, _subject: Any) -> dict[str, Any]:
    """Prospects of the viewer to contact next: the step that is due soonest, and why."""
    viewer = _viewer(request)
    if viewer is None:
        return {"prospects": []}
    rows = Opportunity.objects.visible_to(viewer).filter(
        client__manager=viewer, state=Stage.Kind.OPEN
    )
    rows = rows.select_related("client", "stage")
    rows = rows.order_by(F("next_step_on").asc(nulls_last=True), "stage_since", "id")
    day = today()
    found = []
    for row in rows[:NEXT_PROSPECTS]:
        late = (day - row.next_step_on).days if row.next_step_on else 0
        found.append(
            {
                "row": row,
                "url": row.client.get_absolute_url(),
                "amount": yuan(row.amount),
                "late": max(late, 0),
                "due_today": row.next_step_on == day,
                "days": (day - row.stage_since).days,
            }
        )
    return {"prospects": found}
