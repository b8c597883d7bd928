"""Exports of client lists: by right, for a reason, logged; large or clear ones are approved first."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from clients.directory.filters import ClientFilter
from clients.exporting.files import (
    COLUMNS,
    MOST_XLSX,
    PERSONAL,
    CsvWriter,
    Writer,
    XlsxWriter,
    batches,
    heads,
)
from clients.models import Client, ClientExport
from clients.permissions import limit, may_clear, may_export
from clients.querysets import ClientQuerySet
from crm import jobs
from crm.addresses import address
from crm.models import AccessLog, Job, JobFile
from crm.trading_days import today
from staff.models import HEADS, Employee
from staff.notifications.kinds import SYSTEM
from staff.notifications.services import Line, notify

KIND = "clients.export"
SUBJECT = "clients.export"
# The file is for the employee who requested it, and for this day.
FILE_KEPT = timedelta(hours=24)
# An approval is given for the clients of that time; so many more may have come since.
SLACK = 50
WAITS = timedelta(days=7)
State = ClientExport.State


def left(employee: Employee) -> int:
    """Remaining clients for today; the limit covers all files of the day together."""
    own = ClientExport.objects.filter(
        employee=employee, asked_at__date=today(), state=State.STARTED, decided_by=None
    )
    taken = own.aggregate(rows=Sum("row_count"))["rows"] or 0
    return max(limit(employee) - taken, 0)


def listed(employee: Employee, query: str) -> ClientQuerySet:
    """The clients that the list shows for this address, within the employee's scope."""
    visible = Client.objects.visible_to(employee)
    return ClientFilter(QueryDict(query), employee).narrow(visible)


@transaction.atomic
def ask(
    *, by: Employee, query: str, format: str, in_clear: bool, reason: str, language: str
) -> ClientExport:
    """Start an export, or let it wait for approval. Raises ValidationError, PermissionDenied."""
    if not may_export(by) or (in_clear and not may_clear(by)):
        raise PermissionDenied
    if len(query) > 2000:
        raise ValidationError(_("This list asks for too much. Narrow it with fewer filters."))
    rows = listed(by, query).order_by().count()
    if not rows:
        raise ValidationError(_("The list holds no client."))
    if format == ClientExport.Format.XLSX and rows >= MOST_XLSX:
        raise ValidationError(_("A workbook cannot hold so many rows. Choose CSV."))
    # Locked, so that two at once are added up.
    Employee.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    export = ClientExport(
        employee=by,
        branch=by.branch,
        query=query,
        format=format,
        in_clear=in_clear,
        reason=reason,
        row_count=rows,
        state=State.STARTED,
    )
    if in_clear or rows > left(by):
        export.state = State.WAITING
        export.save()
        _tell_deciders(export)
    else:
        _start(export, language)
    return export


def _start(export: ClientExport, language: str) -> None:
    export.state = State.STARTED
    export.save()
    title = _("Export: %(rows)s clients") % {"rows": export.row_count}
    options = {"export": export.pk, "language": language}
    export.job = jobs.start(kind=KIND, title=title, by=export.employee, options=options)
    export.save(update_fields=["job"])


def deciders(export: ClientExport) -> QuerySet[Employee]:
    """Who may approve: heads of the asker's branch and of those above, and superusers."""
    above = export.branch.ancestor_ids if export.branch else []
    heads_there = Q(role__in=HEADS, branch__in=above)
    people = Employee.objects.filter(heads_there | Q(is_superuser=True), is_active=True)
    return people.exclude(pk=export.employee_id)


def waiting_for(employee: Employee) -> QuerySet[ClientExport]:
    """Exports that wait for this employee's decision."""
    since = timezone.now() - WAITS
    return asked_of(employee).filter(state=State.WAITING, asked_at__gte=since)


def asked_of(employee: Employee) -> QuerySet[ClientExport]:
    """Exports of others within reach of this employee's decision, whatever became of them."""
    rows = ClientExport.objects.exclude(employee=employee)
    rows = rows.select_related("employee", "branch")
    if employee.is_superuser:
        return rows
    if employee.role not in HEADS or employee.branch is None or not employee.is_active:
        return rows.none()
    return rows.filter(branch__path__startswith=employee.branch.path)


@dataclass(frozen=True)
class Asked:
    """An export as whoever decides reads it."""

    export: ClientExport
    # Label and words of each filter; none: all clients of the person who asks.
    filters: list[tuple[str, str]]
    # Heads of the columns, and whether they hold what identifies or reaches a person.
    columns: list[tuple[str, bool]]
    until: datetime


def asked(exports: Iterable[ClientExport]) -> list[Asked]:
    """What each of the waiting ``exports`` would hand out, in words."""
    return [
        Asked(
            export,
            [
                (str(chip.label), str(chip.words))
                for chip in ClientFilter(QueryDict(export.query), export.employee).chips
            ],
            [(str(column.title), column.key in PERSONAL) for column in COLUMNS],
            export.asked_at + WAITS,
        )
        for export in exports
    ]


def _tell_deciders(export: ClientExport) -> None:
    people = list(deciders(export).order_by("is_superuser", "pk")[:20])
    # The heads decide; a superuser is asked where there is no head.
    asked = [person for person in people if not person.is_superuser] or people
    for person in asked:
        with override(person.language or settings.LANGUAGE_CODE):
            text = _("%(name)s asks to export %(rows)s clients") % {
                "name": export.employee,
                "rows": export.row_count,
            }
        _notify(person, f"export:{export.public_id}:{person.pk}", text)


def _notify(person: Employee, key: str, text: str) -> None:
    notify(SYSTEM, [Line(person.pk, key, {"text": text}, address("clients:exports"))])


@transaction.atomic
def decide(*, export: ClientExport, by: Employee, approve: bool, because: str = "") -> ClientExport:
    """Approve another employee's export, or refuse it for a reason. Raises ValidationError."""
    export = ClientExport.objects.select_for_update(of=("self",)).get(pk=export.pk)
    if export.state != State.WAITING:
        raise ValidationError(_("This export has been decided on already."))
    if export.asked_at < timezone.now() - WAITS:
        text = _("This request is older than %(days)s days and has lapsed: it has to be made anew.")
        raise ValidationError(text % {"days": WAITS.days})
    if not waiting_for(by).filter(pk=export.pk).exists():
        raise ValidationError(_("This export is for somebody else to decide on."))
    because = because.strip()[:200]
    if not approve and not because:
        raise ValidationError(_("Say why you refuse; the person who asked reads it."))
    export.decided_by, export.decided_at = by, timezone.now()
    asker = export.employee
    language = asker.language or settings.LANGUAGE_CODE
    with override(language):
        if approve:
            AccessLog.objects.create(
                employee=by,
                action=AccessLog.Action.APPROVE,
                subject_type=SUBJECT,
                subject_id=export.pk,
                reason=export.reason,
                row_count=export.row_count,
            )
            _start(export, language)
        else:
            export.state, export.refused_because = State.REFUSED, because
            export.save()
        wording = _("Your export was approved")
        if not approve:
            wording = _("Your export was refused: %(reason)s") % {"reason": because}
    _notify(asker, f"export:{export.public_id}:decided", wording)
    return export


def run(running: jobs.Running) -> dict[str, Any]:
    """The job: check scope and permission again, then write row by row."""
    options = running.job.options
    export = ClientExport.objects.select_related("employee__branch").get(pk=options["export"])
    by = export.employee
    if not by.is_active or not may_export(by) or (export.in_clear and not may_clear(by)):
        raise ValidationError(_("You may no longer export clients."))
    clients = listed(by, export.query)
    total = clients.order_by().count()
    allowed = export.row_count + SLACK if export.decided_by_id else limit(by)
    if total > allowed or (export.in_clear and not export.decided_by_id):
        raise ValidationError(_("The list has grown since it was asked for. Ask again."))
    with tempfile.TemporaryDirectory() as folder, override(options["language"]):
        path = Path(folder) / "clients"
        in_xlsx = export.format == ClientExport.Format.XLSX
        writer: Writer = XlsxWriter(path) if in_xlsx else CsvWriter(path)
        writer.line(heads())
        done = 0
        keys: list[int] = []
        for part in batches(clients, in_clear=export.in_clear):
            for _key, cells in part:
                writer.line(cells)
            keys = [key for key, _cells in part]
            done += len(part)
            if export.in_clear:
                _log_clear(export, keys)
            running.progress(done, max(total, done))
        writer.close()
        # First the entry, then the file: nothing leaves unlogged.
        AccessLog.objects.create(
            employee=by,
            action=AccessLog.Action.EXPORT,
            subject_type=SUBJECT,
            subject_id=export.pk,
            reason=export.reason,
            row_count=done,
        )
        running.attach(f"clients-{today():%Y%m%d}.{export.format}", path)
    return {"rows": done, "in_clear": export.in_clear}


def _log_clear(export: ClientExport, keys: list[int]) -> None:
    """One entry per client whose numbers are seen, so that the client's own log shows it."""
    entries = [
        AccessLog(
            employee_id=export.employee_id,
            action=AccessLog.Action.EXPORT,
            subject_type=SUBJECT,
            subject_id=export.pk,
            client_id=key,
            reason=export.reason,
        )
        for key in keys
    ]
    AccessLog.objects.bulk_create(entries, batch_size=1000)


def clear_files(now: datetime | None = None) -> int:
    """Remove exported files a day after they were made; returns how many."""
    end = (now or timezone.now()) - FILE_KEPT
    files = list(
        JobFile.objects.filter(job__kind=KIND, job__finished_at__lt=end, job__state=Job.State.DONE)[
            :100
        ]
    )
    for file in files:
        default_storage.delete(file.file)
        JobFile.objects.filter(pk=file.pk).delete()
    return len(files)
