"""Panels of the client file: open callbacks, contacts, and actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from clients.file.head import Badge, due
from clients.file.selectors import Step
from clients.models import Client, Lifecycle
from clients.querysets import may_record
from crm import panels
from crm.addresses import address
from crm.timeline import chips, cursor_of
from staff.http import employee_of
from staff.models import Employee
from visits import wording
from visits.contacts import recent
from visits.contacts.callbacks import plan_of
from visits.contacts.selectors import said
from visits.integration.timeline import entry_of
from visits.models import Channel
from visits.planning.workload_preview import load
from visits.snoozing import panel as asked

SHOWN, DUE = 8, 20


@dataclass(frozen=True)
class Due:
    """One open callback of the client."""

    url: str
    day: date
    badge: Badge
    why: str
    acts: bool


def _acts(viewer: Any) -> bool:
    """Whether the viewer may change the client, whom the page has read through the access rule."""
    return isinstance(viewer, Employee) and may_record(viewer)


def actions(request: HttpRequest, client: Client) -> dict[str, Any]:
    """Record a contact, plan a callback; behind ⋯ what is done less often."""
    acts = _acts(request.user)
    plans = acts and client.lifecycle != Lifecycle.CLOSED
    url = client.get_absolute_url()
    more = [
        panels.Action(f"{url}appointment/", _("Book an appointment"), "calendar"),
        panels.Action(f"{url}occasions/", _("Occasions"), "star"),
    ]
    return {"acts": acts, "plans": plans, "url": url, "more": more if plans else []}


def callbacks(request: HttpRequest, client: Client) -> dict[str, Any]:
    """Open callbacks, the first one first."""
    viewer = employee_of(request)
    acts = _acts(viewer)
    rows = []
    for row in recent.callbacks(viewer, client, DUE):
        known = (client.last_contact_on, client.opened_on)
        cause = wording.Cause(
            row.kind, row.reason, row.anchor_on, row.due_on, row.every, row.unit or "", *known
        )
        why = " + ".join([str(cause), *map(wording.label, row.also)])
        rows.append(
            Due(address("visits:callback", row.public_id), row.due_on, due(row.due_on), why, acts)
        )
    why = "" if rows else _why_nothing(client)
    return {"rows": rows, "step": _step(rows, acts), "why": why}


def _why_nothing(client: Client) -> str:
    """The most likely reason why no callback is open, as a sentence."""
    if client.lifecycle == Lifecycle.CLOSED:
        return _("Nothing is planned: the client is closed.")
    plan = plan_of(client)
    if plan is None:
        return _("Nothing is planned: the segment has no plan of callbacks.")
    if client.calls_refused and plan.channel == Channel.PHONE:
        return _("Nothing is planned: the client wants no calls.")
    return _("Nothing is planned.")


def _step(rows: list[Due], acts: bool) -> Step | None:
    """The first callback as the suggested next step; with low priority until it is due."""
    if not rows or not acts:
        return None
    first = rows[0]
    if not first.badge.tone:
        text = _("Nothing is open. The next callback is on %(day)s.")
        figures = {"day": first.day.isoformat()}
        return Step(90, text % figures, first.url, first.why, first.day)
    wording = _("Call today: %(why)s.")
    if first.badge.tone == "late":
        wording = _("Call now, due since %(day)s: %(why)s.")
    figures = {"day": first.day.isoformat(), "why": first.why}
    return Step(10, wording % figures, first.url, first.why, first.day)


def timeline(request: HttpRequest, client: Client) -> dict[str, Any]:
    """The newest contacts; older and other entries are loaded on request.

    ``last``: channel and outcome of the contact that last reached the client.
    """
    viewer = employee_of(request)
    contacts = recent.contacts(viewer, client, SHOWN + 1, void=True)
    rated = [row for row in contacts if not row.void and (row.satisfaction_service is not None)]
    satisfaction = ""
    if rated:
        figures = {"n": rated[0].satisfaction_service, "day": rated[0].occurred_on.isoformat()}
        satisfaction = _("Satisfaction with service %(n)s of 5 on %(day)s") % figures
    entries = [entry_of(row) for row in contacts[:SHOWN]]
    url = address("clients:stream", client.public_id)
    older = f"{url}?kind=visit&cursor={cursor_of(entries[-1])}" if len(contacts) > SHOWN else ""
    three, finer = chips(url, "visit")
    return {
        "entries": entries,
        "older": older,
        "chips": three,
        "finer": finer,
        "satisfaction": satisfaction,
        "last": _last(viewer, client, contacts),
    }


def _last(viewer: Employee, client: Client, contacts: list[recent.Contact]) -> str:
    """Channel and outcome of the newest contact that reached the client; '' where it is unknown.

    It is among the newest ones but for a client who was tried many times since.
    """
    day = client.last_contact_on
    if day is None:
        return ""
    reached = [row for row in contacts if row.reached and not row.void]
    if not reached and len(contacts) > SHOWN:
        reached = recent.contacts(viewer, client, 1, reached=day)
    return said(reached[0]) if reached and reached[0].occurred_on == day else ""


def link(_request: HttpRequest, _subject: Any) -> dict[str, Any]:
    """A link that leads to the same page for everybody."""
    return {}


def register() -> None:
    """Add the panels to the frames of the rooms below."""
    for panel in (
        panels.Panel(
            "client_actions", "visits.act", 10, "visits/integration/panel_actions.html", actions
        ),
        panels.Panel(
            "client", "visits.due", 10, "visits/integration/panel_callbacks.html", callbacks
        ),
        panels.Panel(
            "me_actions", "visits.addresses", 10, "visits/integration/panel_me.html", link
        ),
        panels.Panel(
            "inbox_actions", "visits.deliveries", 10, "visits/integration/panel_inbox.html", link
        ),
        panels.Panel(
            "segment_preview", "visits.load", 10, "visits/integration/panel_load.html", load
        ),
        panels.Panel(
            "client", "visits.past", 20, "visits/integration/panel_timeline.html", timeline
        ),
    ):
        panels.register(panel)
    asked.register()
