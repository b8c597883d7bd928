"""The board and the list of opportunities."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clients.querysets import may_record
from crm.paging import paginate
from crm.trading_days import today
from pipeline import board as boards
from pipeline.filters import Whose
from pipeline.listing import Listing
from pipeline.models import Opportunity
from staff.http import StaffRequest


@require_safe
def board(request: StaffRequest) -> HttpResponse:
    """Opportunities by stage, as far as the viewer may see them."""
    return render(request, "pipeline/board.html", board_context(request, request.GET))


def board_context(request: StaffRequest, query: QueryDict, moved: str = "") -> dict[str, Any]:
    rows = Opportunity.objects.visible_to(request.user)
    whose = Whose(request.user, query)
    rows = whose.narrow(rows, "client__manager", "client__branch")
    chosen = QueryDict(mutable=True)
    chosen.update({name: str(value) for name, value in whose.parameters.items()})
    return {
        "whose": whose,
        "columns": boards.columns(rows, moved=moved),
        "may_edit": may_record(request.user),
        "shows_manager": whose.manager is None and request.user.branch_scope != [],
        "back": chosen.urlencode(),
        "day": today(),
        "closed_days": boards.CLOSED_DAYS,
    }


@require_safe
def opportunities(request: StaffRequest) -> HttpResponse:
    """One list behind every figure of the pipeline; the filters stand in the address."""
    visible = Opportunity.objects.visible_to(request.user)
    listing = Listing(Whose(request.user, request.GET), request.GET)
    rows = listing.rows(visible).select_related("client", "client__manager", "stage")
    page = paginate(rows, order=("-stage_since", "-id"), query=request.GET)
    context = {"page": page, "listing": listing, "whose": listing.whose, "day": today()}
    return render(request, "pipeline/opportunities.html", context)
