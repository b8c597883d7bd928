"""Beside Today of a head: what they are asked to put off."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from crm import panels
from crm.addresses import address
from staff.models import HEADS, Employee
from visits.snoozing import services

SHOWN = 8


def waiting(_request: HttpRequest, viewer: Any) -> dict[str, Any]:
    """The questions, the oldest first; no statement for viewers who decide nothing."""
    if not isinstance(viewer, Employee) or viewer.role not in HEADS:
        return {"rows": []}
    rows = [
        {
            "url": address("visits:decide_snooze", row.callback.public_id),
            "client": row.callback.client.salutation,
            "name": row.employee.full_name,
            "day": row.new_due_on,
        }
        for row in services.waiting_for(viewer)[:SHOWN]
    ]
    return {"rows": rows}


def register() -> None:
    """Add the panel to Today."""
    panels.register(
        panels.Panel("today_side", "visits.asked", 6, "visits/snoozing/panel_asked.html", waiting)
    )
