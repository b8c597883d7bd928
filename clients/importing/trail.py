"""The rows that a batch touched, saved with the import for its undo."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection

from clients.models import ImportedClient


@dataclass
class Step:
    """Changes of one client by a batch: keys of added and ended rows."""

    created: bool = False
    phones: list[int] = field(default_factory=list)
    papers: list[int] = field(default_factory=list)
    accounts: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)


class Trail:
    """The steps of a batch by client."""

    def __init__(self) -> None:
        self._steps: dict[int, Step] = {}

    def of(self, client: int) -> Step:
        """The step of a client, created on first use."""
        return self._steps.setdefault(client, Step())

    def save(self, batch: int) -> None:
        """Save the steps. A repeated run of the job adds those missing."""
        ImportedClient.objects.bulk_create(
            [
                ImportedClient(
                    batch_id=batch,
                    client_id=pk,
                    created=step.created,
                    version=0,
                    phones=step.phones,
                    papers=step.papers,
                    accounts=step.accounts,
                    ended=step.ended,
                )
                for pk, step in self._steps.items()
            ],
            batch_size=1000,
            ignore_conflicts=True,
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE clients_importedclient i SET version = c.version FROM clients_client c"
                " WHERE i.batch_id = %s AND i.client_id = c.id AND c.id = ANY (%s)",
                [batch, list(self._steps)],
            )
