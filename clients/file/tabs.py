"""Tabs of the client file. Each is an address, so that it can be kept, sent and gone back to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clients.file import selectors
from clients.file.head import Around
from clients.models import Client, Consent, Document
from crm import panels, timeline
from crm.addresses import address
from staff.http import StaffRequest

OVERVIEW = ""
# So many documents stand in the tab; the page of the documents has all.
DOCUMENTS = 50


@dataclass(frozen=True)
class Tab:
    """One tab as the page draws it."""

    key: str
    label: str
    url: str
    count: int | None
    chosen: bool


def tabs(request: StaffRequest, client: Client, around: Around) -> list[Tab]:
    """Own tabs and those of the rooms above; an unknown one in the address means the first."""
    rows: list[tuple[str, str, int | None]] = [
        (OVERVIEW, _("Overview"), None),
        ("timeline", _("Timeline"), None),
        *((tab.key, str(tab.label), tab.count(request, client)) for tab in panels.tabs()),
        ("documents", _("Documents and consents"), around.documents or None),
        ("details", pgettext("of a client", "Details"), None),
    ]
    asked = request.GET.get("tab", "")
    chosen = asked if any(asked == key for key, _label, _count in rows) else OVERVIEW
    here = client.get_absolute_url()
    return [
        Tab(key, label, f"{here}?tab={key}" if key else here, count, key == chosen)
        for key, label, count in rows
    ]


def content(request: StaffRequest, client: Client, key: str) -> dict[str, Any]:
    """What the tab shows besides the head; the overview shows what the page has read already."""
    read = _OWN.get(key)
    if read is not None:
        return read(request, client)
    return {"panels": panels.contexts("client", request, client, key)} if key else {}


def stream(request: StaffRequest, client: Client) -> dict[str, Any]:
    """A piece of the timeline, the links to its kinds and to what is older."""
    kind = request.GET.get("kind", "")
    entries, rest = timeline.read(request.user, client, kind, request.GET.get("cursor", ""))
    here = address("clients:stream", client.public_id)
    three, finer = timeline.chips(here, kind)
    return {
        "entries": entries,
        "older": f"{here}?{urlencode({'kind': kind, 'cursor': rest})}" if rest else "",
        "chips": three,
        "finer": finer,
        "part": bool(request.GET.get("cursor")),
    }


def _documents(request: StaffRequest, client: Client) -> dict[str, Any]:
    documents = Document.objects.visible_to(request.user).filter(client__in=client.group)
    consents = Consent.objects.visible_to(request.user).filter(client__in=client.group)
    return {
        "documents": list(
            documents.filter(voided_at=None).select_related("uploaded_by", "client")[:DOCUMENTS]
        ),
        "given": list(consents.select_related("recorded_by")),
    }


def _details(_request: StaffRequest, client: Client) -> dict[str, Any]:
    return {
        "assignments": selectors.assignments(client),
        "history": selectors.segment_history(client),
    }


_OWN: dict[str, Callable[[StaffRequest, Client], dict[str, Any]]] = {
    "timeline": stream,
    "documents": _documents,
    "details": _details,
}
