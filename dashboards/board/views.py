"""The board: figures of what the viewer may see."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboards.board import health, selectors
from dashboards.board.charts import charts
from staff.http import StaffRequest
from staff.scope_filter import ScopeFilter


@require_safe
def board(request: StaffRequest) -> HttpResponse:
    """The user's own figures, or those of the branches in scope."""
    viewer = request.user
    if not viewer.reads_figures:
        raise PermissionDenied
    filters = ScopeFilter(request.GET, viewer)
    figures = selectors.board(filters)
    heads = viewer.is_superuser or viewer.is_head
    context = {
        "board": figures,
        "charts": charts(figures),
        "filters": filters,
        "conversion_url": filters.link(reverse("dashboards:conversion")),
        "lost_url": filters.link(reverse("dashboards:conversion"), created_from=figures.since),
        "is_wide": viewer.branch_scope != [],
        "parts": health.parts() if heads else [],
        "now": timezone.now(),
    }
    return render(request, "dashboards/board/board.html", context, status=filters.status)
