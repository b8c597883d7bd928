"""The parts of pipeline/ in the named operations that span rooms (design §1)."""

from __future__ import annotations

from crm.operations import ClientsMerged, ClientsSplit, ImportUndone
from pipeline.models import Opportunity


def join_opportunities(event: ClientsMerged) -> None:
    """Part of ``merge``: opportunities go on with the survivor."""
    rows = Opportunity.objects.filter(client=event.merged)
    event.moved["opportunities"] = list(rows.values_list("pk", flat=True))
    rows.update(client=event.survivor)


def split_opportunities(event: ClientsSplit) -> None:
    """Part of ``unmerge``: they go back."""
    keys = event.moved.get("opportunities", [])
    Opportunity.objects.filter(pk__in=keys).update(client=event.merged)


def keep_clients_with_opportunities(event: ImportUndone) -> None:
    """A client for whom somebody opened an opportunity since the import stays."""
    worked = Opportunity.objects.filter(client__in=event.created)
    event.keep.update(worked.values_list("client", flat=True))
