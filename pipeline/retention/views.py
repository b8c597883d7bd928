"""Pages of prospects near the end of their retention, and of holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clients.models import Client
from crm.addresses import address
from crm.paging import paginate
from crm.policies import MissingPolicy
from crm.trading_days import today
from pipeline.retention import services
from pipeline.retention.forms import HoldForm
from pipeline.retention.policies import branches_by_retention, notice_days
from staff.http import StaffRequest, refusal


@dataclass(frozen=True)
class ExpiringRow:
    """One prospect of the list."""

    client: Client
    goes_on: date
    kept: bool
    hold: str

    @property
    def hold_url(self) -> str:
        """Where the hold is placed and lifted."""
        return address("pipeline:hold", self.client.public_id)


@require_safe
def expiring(request: StaffRequest) -> HttpResponse:
    """Prospects that will soon be purged, as far as the viewer may see them."""
    visible = Client.objects.visible_to(request.user)
    try:
        notice = notice_days(request.user.branch, today())
    except MissingPolicy:
        return render(request, "pipeline/retention/expiring.html")
    until = today() + timedelta(days=notice)
    rows = services.past_retention(visible, until)
    page = paginate(
        rows.select_related("manager", "branch"), order=("recorded_on", "id"), query=request.GET
    )
    context = {
        "page": page,
        "lines": _lines(page.items, until),
        "notice": notice,
        "may_hold": _may_hold(request),
    }
    return render(request, "pipeline/retention/expiring.html", context)


def _lines(clients: list[Any], until: date) -> list[ExpiringRow]:
    """Clients whose time is over by ``until``, by the rule that holds then."""
    day = today()
    days = {pk: kept for kept, branches in branches_by_retention(until).items() for pk in branches}
    kept = services.kept(clients, day)
    holds = services.holds(clients)
    return [
        ExpiringRow(
            one,
            max(one.touched + timedelta(days=days[one.branch_id] + 1), day),
            one.pk in kept,
            holds.get(one.pk, ""),
        )
        for one in clients
    ]


def _may_hold(request: StaffRequest) -> bool:
    """Whether the employee may set holds: heads and superusers."""
    return request.user.is_head or request.user.is_superuser


@require_POST
def hold(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Set or lift the hold of a prospect."""
    client = get_object_or_404(Client.objects.visible_to(request.user), public_id=public_id)
    if not _may_hold(request):
        raise PermissionDenied
    if request.POST.get("act") == "lift":
        services.lift_hold(client=client, by=request.user)
        messages.success(request, _("The clock decides again."))
        return redirect("pipeline:expiring")
    form = HoldForm(request.POST)
    if not form.is_valid():
        return refusal(request, _("Say why."), status=422)
    services.place_hold(client=client, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("Held: this prospect is not purged until you lift the hold."))
    return redirect("pipeline:expiring")
