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
from staff.models import OWNERS, Role
from staff.scope_filter import Whose


@require_safe
def board(request: StaffRequest) -> HttpResponse:
    """The user's own figures, or those of the branches in scope."""
    viewer = request.user
    if not viewer.is_superuser and viewer.role not in {*OWNERS, Role.COMPLIANCE}:
        raise PermissionDenied
    whose = Whose(viewer, request.GET)
    figures = selectors.board(whose)
    heads = viewer.is_superuser or viewer.is_head
    context = {
        "board": figures,
        "charts": charts(figures),
        "whose": whose,
        "conversion_url": selectors.link(reverse("dashboards:conversion"), dict(whose.parameters)),
        "is_wide": viewer.branch_scope != [],
        "parts": health.parts() if heads else [],
        "now": timezone.now(),
    }
    return render(request, "dashboards/board/board.html", context)
