"""Where one is after a move, what is said of it, and the address that takes it back."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from pipeline.models import Opportunity, Stage
from staff.http import StaffRequest


def say_moved(request: StaffRequest, opportunity: Opportunity, back: str) -> None:
    """Tell where the opportunity is now, with the way back while it is open (templates/base.html)."""
    said = _("%(client)s is now in “%(stage)s”.") % {
        "client": opportunity.client,
        "stage": opportunity.stage,
    }
    way_back = undo_address(opportunity, back) if opportunity.state == Stage.Kind.OPEN else ""
    messages.success(request, said, extra_tags=way_back)


def undo_address(opportunity: Opportunity, back: str) -> str:
    """Where the last move of ``opportunity``, as it is now, is taken back."""
    query = urlencode({"version": opportunity.version, "back": back})
    return f"{reverse('pipeline:undo_move', args=[opportunity.public_id])}?{query}"


def to_file(back: str) -> bool:
    """Whether a move came from the file of the opportunity, and not from a board."""
    return "file" in QueryDict(back)
