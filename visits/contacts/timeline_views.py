"""Contacts of a client, and of a household, the newest first."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clients.models import Client, Membership
from crm.paging import paginate
from staff.http import StaffRequest
from visits.contacts import selectors as reports
from visits.models import Visit


@require_safe
def timeline(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """All contacts with a client, the newest first."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    rows = Visit.objects.visible_to(request.user).filter(client__in=client.group)
    page = paginate(reports.lines(rows), order=("-occurred_at", "-id"), query=request.GET)
    context = {"client": client, "page": page, "past": [reports.line(row) for row in page.items]}
    return render(request, "visits/contacts/timeline.html", context)


@require_safe
def household(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Merged timeline of contacts with all visible members of a client's household."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    own = client.memberships.filter(valid_to=None).values("household")
    members = Membership.objects.filter(household__in=own, valid_to=None)
    keys = list(members.values_list("client", flat=True))
    rows = Visit.objects.visible_to(request.user).filter(
        Q(client__in=keys) | Q(client__merged_into__in=keys)
    )
    page = paginate(
        reports.lines(rows, "client__name"), order=("-occurred_at", "-id"), query=request.GET
    )
    past = [reports.line(row, row.client__name) for row in page.items]
    context = {"client": client, "page": page, "past": past, "household": True}
    return render(request, "visits/contacts/timeline.html", context)
