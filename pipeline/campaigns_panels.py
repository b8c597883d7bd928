"""What the client file shows of campaigns and referrals; asked for after the page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from clients.querysets import may_record
from crm import panels
from pipeline.capture_panels import origin
from pipeline.channels.referrals import unthanked
from pipeline.models import Invitation
from staff.models import Employee

SHOWN = 5


def register() -> None:
    """Called at start-up."""
    panels.register(
        panels.Panel(
            "client",
            "pipeline.invitations",
            75,
            "pipeline/invitations_panel.html",
            _of_client,
            late=True,
            link="invite/",
            title=_("Invitations and referrals"),
        )
    )


def _of_client(request: HttpRequest, client: Client) -> dict[str, Any]:
    """How they came, campaigns they are invited to, and referrals nobody was thanked for."""
    viewer = request.user
    if not isinstance(viewer, Employee):
        return {"invitations": [], "unthanked": [], "may_record": False}
    rows = Invitation.objects.visible_to(viewer).filter(client__in=client.group)
    return origin(viewer, client) | {
        "invitations": list(rows.select_related("campaign").order_by("-pk")[:SHOWN]),
        "unthanked": unthanked(viewer, client),
        "may_record": may_record(viewer),
        "url": client.get_absolute_url(),
    }
