"""The board: figures of what the viewer may see."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clients.models import Client
from staff.http import StaffRequest
from staff.models import Role


@require_safe
def board(request: StaffRequest) -> HttpResponse:
    """Figures of the viewer's own clients, or of the branches in their scope."""
    clients = Client.objects.visible_to(request.user)
    if request.user.role == Role.OPERATIONS and not request.user.is_superuser:
        raise PermissionDenied
    return render(request, "dashboards/board.html", {"clients": clients.count()})
