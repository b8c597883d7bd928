"""Another script in place of the one beside a contact."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clients.file.access import visible_client
from crm.addresses import address
from staff.http import StaffRequest
from visits.scripts import selectors

# What the address of the call page carries on.
_KEPT = ("row", "back")


@require_safe
def wordings(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The scripts one may speak from with a client; beside the call or, without a script, a page."""
    client, _editable = visible_client(request, public_id, "branch")
    # Beside the call the addresses are those of its page.
    page = "" if request.htmx else address("visits:record", client.public_id)
    kept = {name: request.GET[name] for name in _KEPT if name in request.GET}
    links = [
        (f"{page}?{urlencode({**kept, 'script': version.pk})}", str(version.script))
        for version in selectors.wordings(client)
    ]
    template = "visits/scripts/_wordings.html" if request.htmx else "visits/scripts/wordings.html"
    return render(request, template, {"client": client, "wordings": links})
