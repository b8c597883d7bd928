"""Planning one client again after a write."""

from __future__ import annotations

from visits.planning.planner import plan_callbacks


def replan(client: int) -> None:
    """Have the planner put the callbacks of the client of this key right."""
    plan_callbacks(clients=[client])
