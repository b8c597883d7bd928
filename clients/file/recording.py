"""Recording somebody new from the client form."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from clients.file.services import Details, Saved, create_client
from clients.models import Lifecycle
from crm.operations import ProspectRecorded, prospect_recorded
from staff.models import Employee


@transaction.atomic
def record(
    *,
    by: Employee,
    details: Details,
    manager: Employee,
    lifecycle: str,
    opened_on: date | None,
    public_id: UUID,
) -> Saved:
    """Record a client, or a prospect with what rooms above begin for one.

    So a prospect has the same first steps whichever form took them down. Raises ValidationError
    with a sentence; then nothing is written.
    """
    saved = create_client(
        by=by,
        details=details,
        manager=manager,
        lifecycle=lifecycle,
        opened_on=opened_on,
        public_id=public_id,
    )
    if lifecycle == Lifecycle.PROSPECT:
        prospect_recorded.run(ProspectRecorded(client=saved.client, by=by))
        saved.client.refresh_from_db()
    return saved
