"""Panels of return visits on pages of the apps below, for officers and for return visitors."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from clients.models import Client, Lifecycle
from compliance.models import ReturnVisit
from compliance.querysets import is_officer
from crm import panels, trading_days
from crm.addresses import address
from staff.models import Employee


def actions(request: HttpRequest, client: Client) -> dict[str, Any]:
    """The link to plan a return visit, for officers only."""
    viewer = request.user
    plans = isinstance(viewer, Employee) and is_officer(viewer)
    if not plans or client.lifecycle != Lifecycle.CLIENT:
        return {}
    url = address("compliance:plan", client.public_id)
    return {"more": [panels.Action(url, _("Plan a return visit"), "shield")]}


def mine(request: HttpRequest, viewer: Any) -> dict[str, Any]:
    """Return visits assigned to the viewer; no statement for employees who make none."""
    if not viewer.makes_return_visits:
        return {"url": ""}
    day = trading_days.today()
    late, now = Q(callback__due_on__lt=day), Q(callback__due_on=day)
    own = ReturnVisit.objects.editable_by(viewer)
    counts = own.aggregate(late=Count("pk", filter=late), due=Count("pk", filter=now))
    text = _("Return visits due today: %(due)s, overdue: %(overdue)s")
    figures = {"due": counts["due"], "overdue": counts["late"]}
    shown = text % figures if any(counts.values()) else _("Nothing is due today")
    mine = f"{address('compliance:visits')}?mine=1"
    url = f"{mine}&status=late" if counts["late"] else mine
    return {"url": url, "all_url": mine, "text": shown, **counts}


def register() -> None:
    """Add the panels to the client file and to Today."""
    panels.register(
        panels.Panel(
            "today_side", "compliance", 10, "compliance/integration/panel_today.html", mine
        )
    )
    panels.register(panels.Panel("client_actions", "compliance", 60, "", actions))
