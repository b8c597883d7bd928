"""What compliance/ shows on the client file: to plan a return visit, for officers alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from clients.models import Client, Lifecycle
from compliance.querysets import is_officer
from crm import panels
from staff.models import Employee


def actions(request: HttpRequest, client: Client) -> dict[str, Any]:
    """The way to plan a return visit; nothing for everybody else."""
    viewer = request.user
    plans = isinstance(viewer, Employee) and is_officer(viewer)
    return {"plans": plans and client.lifecycle == Lifecycle.CLIENT, "client": client}


def register() -> None:
    """Add the panel to the client file."""
    panels.register(
        panels.Panel("client_actions", "compliance", 60, "compliance/panel_actions.html", actions)
    )
