"""Undo of a whole import within a day: all apps in one transaction.

Clients are not deleted (docs/design.md#one-person-one-record). A client that the import made is
closed and loses its manager, its valid numbers and accounts and the key of its source, so that the
file can be imported anew. A client that it changed gets its former values back from its history.
Clients with work done since the import are left as they are.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.importing.load import FIELDS
from clients.importing.services import UNDO_FOR, UNDO_KIND
from clients.models import ClientImport, ImportedClient, Lifecycle
from clients.search import reindex
from clients.segments.classification import classify
from crm import jobs
from crm.models import Job
from crm.operations import ImportUndone, undo_import
from crm.trading_days import today
from staff.middleware import name_employee
from staff.models import Employee

State = ImportedClient.State


def may_undo(batch: ClientImport) -> bool:
    """Whether there is something to take back and still time for it."""
    if batch.job is None or not batch.job.is_over:
        return False
    taken_back = batch.undo_job is not None and batch.undo_job.state != Job.State.FAILED
    return not taken_back and batch.job.created_at > timezone.now() - UNDO_FOR


@transaction.atomic
def undo(*, batch: ClientImport, by: Employee, language: str) -> Job:
    """Queue taking the import back. Raises ValidationError when it is too late or was done."""
    batch = ClientImport.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if not may_undo(batch):
        raise ValidationError(_("An import can be taken back once, and for 24 hours only."))
    title = _("Taking back: %(change)s") % {"change": batch.name}
    options = {"import": batch.pk, "language": language}
    batch.undo_job = jobs.start(kind=UNDO_KIND, title=title, by=by, options=options)
    batch.save(update_fields=["undo_job"])
    return batch.undo_job


def run(running: jobs.Running) -> dict[str, Any]:
    """The job: all parts or none."""
    pk = running.job.options["import"]
    batch = ClientImport.objects.select_related("employee", "job").get(pk=pk)
    assert batch.job is not None  # noqa: S101 - undo() saw it
    with transaction.atomic():
        name_employee(batch.employee)
        ClientImport.objects.select_for_update(of=("self",)).get(pk=pk)
        rows = batch.clients.filter(state=State.LOADED, created=True)
        undo_import.run(
            ImportUndone(
                batch=batch,
                source=batch.mapping["source"],
                begun=batch.job.created_at,
                ended=batch.job.finished_at or timezone.now(),
                created=list(rows.values_list("client", flat=True)),
            )
        )
    kept = batch.clients.filter(state=State.KEPT).count()
    undone = batch.clients.filter(state=State.UNDONE)
    return {
        "import": str(batch.public_id),
        "closed": undone.filter(created=True).count(),
        "restored": undone.filter(created=False).count(),
        "kept": kept,
    }


def undo_clients(event: ImportUndone) -> None:
    """The part of clients/: close created clients, restore changed ones."""
    batch: ClientImport = event.batch
    parameters = {
        "batch": batch.pk,
        "job": batch.job_id,
        "keep": list(event.keep),
        "today": today(),
        "closed": Lifecycle.CLOSED,
    }
    with connection.cursor() as cursor:
        # The order matters: what is kept is known first, and the numbers by the rows of the trail.
        for statement in (_LOCK, _KEEP, _RESTORE, _CLOSE, _RELEASE, *_NUMBERS, _ACCOUNTS, _DONE):
            cursor.execute(statement, parameters)
    touched = batch.clients.filter(state=State.UNDONE)
    keys = list(touched.values_list("client", flat=True))
    for start in range(0, len(keys), 1000):
        reindex(keys[start : start + 1000])
    classify(clients=keys)


_TRAIL = "FROM clients_importedclient i WHERE i.batch_id = %(batch)s AND i.state = 'loaded'"
_LOCK = f"""
    SELECT c.id FROM clients_client c WHERE c.id IN (SELECT i.client_id {_TRAIL})
    ORDER BY c.id FOR UPDATE
"""  # noqa: S608
_KEEP = """
    UPDATE clients_importedclient i SET state = 'kept'
    FROM clients_client c
    WHERE i.batch_id = %(batch)s AND i.state = 'loaded' AND c.id = i.client_id
      AND (c.version <> i.version OR c.merged_into_id IS NOT NULL
           OR (i.created AND c.id = ANY (%(keep)s))
           OR (i.created AND EXISTS (
                   SELECT FROM clients_fundaccount a
                   JOIN clients_monthlyfigure f ON f.account_id = a.id
                   WHERE a.client_id = c.id)))
"""
# The oldest event of the import's own context holds what stood there before it. The risk grade is
# a copy of the last test; the tests themselves are append-only and stay.
_FORMER = [*FIELDS, "lunar_birthday", "name_pinyin", "risk_grade", "risk_expires_on"]
_RESTORE = f"""
    UPDATE clients_client c
    SET {", ".join(f"{name} = e.{name}" for name in _FORMER)},
        version = c.version + 1, updated_at = now()
    FROM (SELECT DISTINCT ON (i.client_id) e.*
          FROM clients_importedclient i
          JOIN clients_clientevent e ON e.pgh_obj_id = i.client_id
          JOIN pghistory_context x ON x.id = e.pgh_context_id
          WHERE i.batch_id = %(batch)s AND i.state = 'loaded' AND NOT i.created
            AND (x.metadata ->> 'job')::bigint = %(job)s
          ORDER BY i.client_id, e.pgh_id) e
    WHERE c.id = e.pgh_obj_id
"""  # noqa: S608
_CLOSE = """
    UPDATE clients_client c
    SET lifecycle = %(closed)s, manager_id = NULL, source_system = '', source_key = '',
        version = c.version + 1, updated_at = now()
    FROM clients_importedclient i
    WHERE i.batch_id = %(batch)s AND i.state = 'loaded' AND i.created AND c.id = i.client_id
"""
_RELEASE = f"""
    UPDATE clients_assignment a SET valid_to = GREATEST(%(today)s, a.valid_from)
    WHERE a.valid_to IS NULL AND a.client_id IN (SELECT i.client_id {_TRAIL} AND i.created)
"""  # noqa: S608
# Of clients that were made, every number; of the others those that came with the import.
_NUMBERS = [
    f"""
    UPDATE {table} n SET valid_to = GREATEST(%(today)s, n.valid_from)
    FROM clients_importedclient i
    WHERE i.batch_id = %(batch)s AND i.state = 'loaded' AND n.client_id = i.client_id
      AND n.valid_to IS NULL AND (i.created OR i.{column} @> to_jsonb(n.id))
    """  # noqa: S608
    for table, column in (("clients_phone", "phones"), ("clients_identity", "papers"))
] + [
    """
    UPDATE clients_identity n SET valid_to = NULL
    FROM clients_importedclient i
    WHERE i.batch_id = %(batch)s AND i.state = 'loaded' AND n.client_id = i.client_id
      AND NOT i.created AND i.ended @> to_jsonb(n.id)
    """
]
# An account's number is unique in the firm: kept here, it could not be imported anew. One that has
# figures is real.
_ACCOUNTS = """
    DELETE FROM clients_fundaccount a USING clients_importedclient i
    WHERE i.batch_id = %(batch)s AND i.state = 'loaded' AND a.client_id = i.client_id
      AND i.accounts @> to_jsonb(a.id)
      AND NOT EXISTS (SELECT FROM clients_monthlyfigure f WHERE f.account_id = a.id)
"""
_DONE = """
    UPDATE clients_importedclient SET state = 'undone'
    WHERE batch_id = %(batch)s AND state = 'loaded'
"""
