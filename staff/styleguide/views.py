"""The style guide: every part that pages are made of, in every state and both themes."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from staff.http import StaffRequest
from staff.styleguide.tokens import tokens


@require_safe
def styleguide(request: StaffRequest) -> HttpResponse:
    """The parts as the product's own sheets draw them, for administrators; nothing of a client.

    Raises PermissionDenied for everybody else.
    """
    if not request.user.is_superuser:
        raise PermissionDenied
    found = tokens()
    context = {
        "themes": ("light", "dark"),
        "colours": found["c"],
        "sizes": found["t"],
        "spaces": found["s"],
        "radii": found["r"],
    }
    return render(request, "staff/styleguide/styleguide.html", context)
