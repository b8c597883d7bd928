"""The client file's panel of accounts, assets and turnover; one statement."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from clients.figures.held import Holding, holding, line_points
from clients.models import Client, Lifecycle
from clients.querysets import may_record
from crm import panels
from crm.addresses import address
from crm.money import yuan
from staff.models import Employee


def context(request: HttpRequest, client: Client) -> dict[str, Any]:
    """Nothing for a prospect: there is no account before there is a client."""
    if client.lifecycle == Lifecycle.PROSPECT or not isinstance(request.user, Employee):
        return {"holds": False}
    held = holding(client)
    return {
        "holds": True,
        "held": held,
        "figures": _figures(held),
        "edits": may_record(request.user),
        "url": address("clients:accounts", client.public_id),
    }


def _figures(held: Holding) -> list[dict[str, str]]:
    """The turnover of the latest month with its trend; the head of the file has the assets."""
    if not held.months:
        return []
    month = f"{held.months[-1]:%Y-%m}"
    return [
        {"label": label, "text": yuan(values[-1]) or _("unknown"), "points": line_points(values)}
        for label, values in ((_("Turnover in %(month)s") % {"month": month}, held.turnover),)
    ]


def register() -> None:
    """Called at start-up."""
    template = "clients/figures/panel_accounts.html"
    panels.register(panels.Panel("client", "clients.accounts", 50, template, context))
