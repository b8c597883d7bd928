"""Planning one client again after a write."""

from __future__ import annotations

from clients.models import Client
from visits.planning.planner import plan_callbacks


def replan(client: Client) -> None:
    """Have the planner put this client's callbacks right."""
    plan_callbacks(clients=[client.pk])
