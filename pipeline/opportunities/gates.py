"""The way of a move through the assessments that its stage requires (D-10)."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from pipeline.models import Opportunity, Stage
from pipeline.opportunities.services import missing_gates


def first_gate(opportunity: Opportunity, stage: Stage, *, seen: int, back: str) -> str:
    """Address of the first assessment that is missing before ``stage``; '' where none is.

    ``seen``: the version of the opportunity that was moved, with which the move then finishes by
    itself. ``back``: where the move came from, as the page of a move takes it.
    """
    if opportunity.state != Stage.Kind.OPEN:
        return ""
    missing = missing_gates(opportunity, stage)
    if not missing:
        return ""
    page = reverse("pipeline:assess", args=[opportunity.public_id, missing[0]])
    return f"{page}?{urlencode({'stage': stage.key, 'seen': seen, 'back': back})}"
