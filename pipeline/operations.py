"""The part of pipeline/ in the named operations that span rooms (design §1)."""

from __future__ import annotations

from crm.operations import ImportUndone
from pipeline.models import Opportunity


def keep_clients_with_opportunities(event: ImportUndone) -> None:
    """A client for whom somebody opened an opportunity since the import stays."""
    worked = Opportunity.objects.filter(client__in=event.created)
    event.keep.update(worked.values_list("client", flat=True))
