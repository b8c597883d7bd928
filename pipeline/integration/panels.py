"""Panels of the pipeline on pages of the apps below; one or two statements each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.file.selectors import Step
from clients.models import Client
from clients.querysets import may_record
from crm import panels
from crm.addresses import address
from crm.localized import choice, localized
from crm.money import yuan
from crm.trading_days import today
from pipeline.capture import prospect_types
from pipeline.channels.referrals import unthanked
from pipeline.models import CaptureEntry, Invitation, Lead, Opportunity, OpportunityKind, Stage
from pipeline.models.opportunity import kinds_for
from pipeline.ranking import suggestions
from staff.models import Employee

# Invitations, and public forms that name the client, in the client file.
INVITATIONS_SHOWN = 5
ENTRIES_SHOWN = 3
_COLUMNS = (
    "public_id",
    "kind",
    "state",
    "amount",
    "next_step",
    "next_step_on",
    "stage__name_zh",
    "stage__name_en",
    "lost_reason__name_zh",
    "lost_reason__name_en",
)


def register() -> None:
    """Called at start-up."""
    panels.register(
        panels.Panel("client", "pipeline", 60, "pipeline/integration/client_panel.html", _of_client)
    )
    panels.register(panels.Panel("client_actions", "pipeline", 40, "", _start))
    panels.register_tab(panels.Tab("pipeline", 30, gettext_lazy("Opportunities"), _open))
    panels.register(
        panels.Panel(
            "client",
            "pipeline.all",
            10,
            "pipeline/integration/client_panel.html",
            _of_client,
            tab="pipeline",
        )
    )
    panels.register(
        panels.Panel("call", "pipeline", 10, "pipeline/integration/call_panel.html", _open_matters)
    )
    panels.register(
        panels.Panel(
            "today_side", "pipeline", 20, "pipeline/integration/today_panel.html", _suggested
        )
    )
    panels.register(
        panels.Panel(
            "client",
            "pipeline.guide",
            62,
            "pipeline/integration/guide_panel.html",
            prospect_types.panel,
        )
    )
    panels.register(
        panels.Panel(
            "client",
            "pipeline.invitations",
            75,
            "pipeline/integration/invitations_panel.html",
            _invitations,
            late=True,
            link=_invites,
            title=gettext_lazy("Invitations and referrals"),
            tab="pipeline",
        )
    )


def _viewer(request: HttpRequest) -> Employee | None:
    return request.user if isinstance(request.user, Employee) else None


# Opportunities by client, as read during a request: two panels of the client file show them.
_read: WeakKeyDictionary[HttpRequest, dict[int, list[Any]]] = WeakKeyDictionary()


def _listed(request: HttpRequest, viewer: Employee, client: Client) -> list[Any]:
    """The opportunities of the client that the viewer may see, newest first; read once a request."""
    by_client = _read.setdefault(request, {})
    if client.pk not in by_client:
        rows = Opportunity.objects.visible_to(viewer).filter(client=client).order_by("-id")
        by_client[client.pk] = list(rows.values_list(*_COLUMNS, named=True))
    return by_client[client.pk]


def _of_client(request: HttpRequest, client: Client) -> dict[str, Any]:
    """The opportunities of the client; their stage moves are in the timeline."""
    viewer = _viewer(request)
    if viewer is None:
        return {"opportunities": []}
    listed = _listed(request, viewer, client)
    opportunities = [
        {
            "row": row,
            "url": address("pipeline:detail", row.public_id),
            "stage": localized(row, "stage__name"),
            "kind": OpportunityKind(row.kind).label,
            "gap": row.state == Stage.Kind.OPEN and not (row.next_step and row.next_step_on),
            "lost": localized(row, "lost_reason__name") if row.lost_reason__name_zh else "",
            "amount": yuan(row.amount),
        }
        for row in listed
    ]
    return {"opportunities": opportunities, "day": today(), "step": _step(listed)}


def _step(rows: list[Any]) -> Step | None:
    """The step of an open opportunity that is due."""
    for row in rows:
        due = row.state == Stage.Kind.OPEN and row.next_step_on and row.next_step_on <= today()
        if due and row.next_step:
            figures = {"day": row.next_step_on.isoformat(), "step": row.next_step}
            text = _("Opportunity, due %(day)s: %(step)s") % figures
            url = address("pipeline:detail", row.public_id)
            return Step(30, text, url, row.next_step, row.next_step_on)
    return None


def _open(request: HttpRequest, client: Client) -> int | None:
    """How many opportunities of the client are in progress."""
    viewer = _viewer(request)
    rows = _listed(request, viewer, client) if viewer else []
    return sum(row.state == Stage.Kind.OPEN for row in rows) or None


# Written out: beside a call, to build the query took longer than to answer it. Whoever has read the
# client through the access rule sees its opportunities, whose branch and manager are the client's.
_IN_PROGRESS = """
SELECT o.public_id, o.kind, o.amount, o.next_step, o.next_step_on, s.name_zh, s.name_en
FROM pipeline_opportunity o JOIN pipeline_stage s ON s.id = o.stage_id
WHERE o.client_id = %s AND o.state = 'open' ORDER BY o.id DESC
"""


class _InProgress(NamedTuple):
    public_id: UUID
    kind: str
    amount: Decimal | None
    next_step: str
    next_step_on: date | None
    stage_zh: str
    stage_en: str


def _open_matters(_request: HttpRequest, client: Client) -> dict[str, Any]:
    """Opportunities in progress, beside a call: stage, amount and what was to be done next."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_PROGRESS, [client.pk])
        rows = [_InProgress._make(row) for row in cursor.fetchall()]
    return {
        "opportunities": [
            {
                "url": address("pipeline:detail", row.public_id),
                "what": f"{choice(OpportunityKind, row.kind)} · {localized(row, 'stage')}",
                "amount": yuan(row.amount),
                "step": row.next_step,
                "on": row.next_step_on,
                "late": bool(row.next_step_on and row.next_step_on < today()),
            }
            for row in rows
        ]
    }


def _start(request: HttpRequest, client: Client) -> dict[str, Any]:
    """Whether an opportunity can be started: one of a kind that fits and is not in progress."""
    viewer = _viewer(request)
    fitting = kinds_for(client)
    if viewer is None or not may_record(viewer) or not fitting:
        return {}
    taken = {row.kind for row in _listed(request, viewer, client) if row.state == Stage.Kind.OPEN}
    free = [kind for kind in fitting if kind not in taken]
    if not free:
        return {}
    url = reverse("pipeline:create", args=[client.public_id])
    step = None
    if OpportunityKind.ACCOUNT_OPENING in free:
        step = Step(
            60, _("Start an opportunity for this prospect."), url, _("Start an opportunity")
        )
    return {"more": [panels.Action(url, _("Start an opportunity"), "pipeline")], "step": step}


def _suggested(request: HttpRequest, _subject: Any) -> dict[str, Any]:
    """Whom to contact next, with one sentence why; and how many opportunities lack a step."""
    viewer = _viewer(request)
    if viewer is None:
        return {"suggestions": [], "gaps": 0}
    own = Opportunity.objects.visible_to(viewer).filter(manager=viewer)
    return {
        "suggestions": suggestions.suggested(viewer),
        "gaps": own.without_next_step().count(),
        "gaps_url": f"{address('pipeline:opportunities')}?gap=1&manager={viewer.pk}",
    }


def _invites(request: HttpRequest) -> str:
    viewer = _viewer(request)
    return "invite/" if viewer is not None and may_record(viewer) else ""


def _invitations(request: HttpRequest, client: Client) -> dict[str, Any]:
    """Origin of the client, invitations to campaigns, and referrals without thanks."""
    viewer = request.user
    if not isinstance(viewer, Employee):
        return {"invitations": [], "unthanked": [], "may_record": False}
    rows = Invitation.objects.visible_to(viewer).filter(client__in=client.group)
    return _origin(viewer, client) | {
        "invitations": list(rows.select_related("campaign").order_by("-pk")[:INVITATIONS_SHOWN]),
        "unthanked": unthanked(viewer, client),
        "may_record": may_record(viewer),
        "url": client.get_absolute_url(),
    }


def _origin(viewer: Employee, client: Client) -> dict[str, Any]:
    """Channel, campaign, and public forms that name this client."""
    leads = Lead.objects.visible_to(viewer).select_related("channel", "campaign", "employee")
    entries = CaptureEntry.objects.visible_to(viewer).filter(client__in=client.group)
    return {
        "lead": leads.filter(client__in=client.group).first(),
        "entries": list(entries.select_related("notice")[:ENTRIES_SHOWN]),
    }
