"""The panel of pending approvals beside Today (D-28)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.exporting import services as exporting
from clients.models import HandOver
from crm import panels
from staff.models import HEADS, Employee


def waiting(request: HttpRequest, viewer: Any) -> dict[str, Any]:
    """Hand-overs and exports that the viewer may decide on; no statement for viewers who may not.

    A single hand-over opens by itself, several open their list.
    """
    if not isinstance(viewer, Employee) or not (viewer.is_superuser or viewer.role in HEADS):
        return {"waiting": []}
    asked = HandOver.objects.decidable_by(viewer).filter(state=HandOver.State.ASKED)
    keys = list(asked.order_by("-pk").values_list("pk", flat=True)[:100])
    decisions = []
    if keys:
        one = reverse("clients:hand_over", args=keys[:1])
        many = reverse("clients:hand_overs")
        decisions.append((_("Hand-overs"), len(keys), one if len(keys) == 1 else many))
    if count := exporting.waiting_for(viewer).count():
        decisions.append((_("Exports"), count, reverse("clients:exports")))
    return {"waiting": decisions}


def register() -> None:
    """Add the panel to Today."""
    panels.register(
        panels.Panel(
            "today_side", "clients.decisions", 5, "clients/handovers/panel_decisions.html", waiting
        )
    )
