"""What the client file shows of how a prospect came, and how to speak with them."""

from __future__ import annotations

from typing import Any

from clients.models import Client
from crm import panels
from pipeline.capture import prospect_types as guidance
from pipeline.models import CaptureEntry, Lead
from staff.models import Employee

SHOWN = 3


def register() -> None:
    """Called at start-up."""
    panels.register(
        panels.Panel("client", "pipeline.guide", 62, "pipeline/guide_panel.html", guidance.panel)
    )


def origin(viewer: Employee, client: Client) -> dict[str, Any]:
    """Channel, campaign, and public forms that name this client."""
    leads = Lead.objects.visible_to(viewer).select_related("channel", "campaign", "employee")
    entries = CaptureEntry.objects.visible_to(viewer).filter(client__in=client.group)
    return {
        "lead": leads.filter(client__in=client.group).first(),
        "entries": list(entries.select_related("notice")[:SHOWN]),
    }
