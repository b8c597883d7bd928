"""Effect of a change of segments in calls per manager and trading day, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from clients.models import Segment
from clients.segments.preview import Preview
from visits.models import CallbackPlan

# Trading days of a usual year (2015 to 2025: 242 to 244), and its days.
TRADING_DAYS = 243
DAYS = 365.25


@dataclass(frozen=True)
class Load:
    """Calls per manager and trading day of one segment."""

    segment: Segment
    before: float
    after: float


def load(_request: HttpRequest, preview: Preview) -> dict[str, Any]:
    """Calls that the cadences make, of the segments that change, and of all together."""
    plans = CallbackPlan.objects.filter(valid_to=None, every__isnull=False)
    rates = {
        plan.segment_id: (DAYS if plan.unit == "day" else 12) / (plan.every or 1) / TRADING_DAYS
        for plan in plans
    }
    managers = max(preview.managers, 1)

    def calls(counts: dict[int, int], segment: int) -> float:
        return counts.get(segment, 0) * rates.get(segment, 0) / managers

    rows = [
        Load(segment, calls(preview.before, segment.pk), calls(preview.after, segment.pk))
        for segment, _before, _after in preview.changed
    ]
    total = [
        sum(calls(counts, key) for key in counts) for counts in (preview.before, preview.after)
    ]
    return {"rows": rows, "before": total[0], "after": total[1]}
