"""Which clients a year's return visits reached."""

from __future__ import annotations

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from clients.models import Client
from compliance.models import ReturnVisit


def covered_in(year: int) -> QuerySet[Client, int]:
    """Keys of clients with a visit of that year that was reviewed; merged ones as the survivor."""
    rows = ReturnVisit.objects.filter(visited_on__year=year, reviewed_by__isnull=False)
    root = Coalesce("callback__client__merged_into", F("callback__client"))
    return rows.annotate(root=root).values("root")  # type: ignore[return-value]
