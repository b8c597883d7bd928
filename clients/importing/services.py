"""Imports in the browser: upload, mapping, trial, load by a job, undo."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from clients.importing import mapping as importing_mapping
from clients.importing.guess import Choices, guess
from clients.importing.load import Loader
from clients.importing.reading import FileRefused, detect, rows
from clients.importing.resolve import Rule
from clients.importing.rows import Reader
from clients.importing.run import FaultFile, Run
from clients.models import ClientImport
from clients.permissions import branches_for
from crm import jobs
from crm.models import Job
from staff.models import Branch, Employee

KIND, TRIAL_KIND, UNDO_KIND = "clients.import", "clients.import_trial", "clients.import_undo"
SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx")
LARGEST = 200 * 1024 * 1024
BATCH = 2000
PREVIEWED = 20
SAMPLED = 3
UNDO_FOR = timedelta(hours=24)
# An uploaded file is personal data: it is not kept longer than the import may take.
FILE_KEPT = timedelta(days=7)


def store(*, upload: File[bytes], by: Employee, branch: Branch) -> ClientImport:
    """Store an uploaded file. Raises ValidationError if it cannot be read."""
    name = Path(upload.name or "file").name[:120]
    if not name.lower().endswith(SUFFIXES):
        raise ValidationError(_("Choose a CSV or XLSX file; %(name)s is neither.") % {"name": name})
    if upload.size > LARGEST:
        raise ValidationError(_("The file is larger than 200 MB. Split it."))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        with path.open("wb") as target:
            for chunk in upload.chunks():
                target.write(chunk)
        try:
            detected = detect(path, name)
            first = [row for _number, row in islice(rows(path, name), SAMPLED + 1)]
        except FileRefused as refused:
            raise ValidationError(str(refused)) from refused
        lines = _lines(path) if detected.kind == "csv" else None
    header = next((list(row) for row in first if "" not in row), [])
    if not header:
        raise ValidationError(_("The rows do not fit the header. Export the file again."))
    made = ClientImport(name=name, employee=by, branch=branch)
    made.detected = {
        "kind": detected.kind,
        "encoding": detected.encoding,
        "separator": detected.separator,
        "header": header,
        "samples": [[row.get(column, "") for row in first][:SAMPLED] for column in header],
        "lines": lines,
        **_earlier(by, header),
    }
    made.file = default_storage.save(f"imports/{made.public_id}/{uuid4().hex}", upload)
    made.save()
    return made


def _earlier(by: Employee, header: list[str]) -> dict[str, Any]:
    """The choices made for a file with the same columns, else a guess from the headers."""
    before = ClientImport.objects.filter(employee=by, detected__header=header).first()
    if before is not None and before.mapping:
        kept = ("targets", "lifecycle", "deal_out")
        return {name: before.detected[name] for name in kept} | {
            "system": before.mapping["source"],
            "mode": before.mode,
            "match": before.match,
        }
    return {"targets": guess(header), "lifecycle": "prospect", "deal_out": False}


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1024 * 1024), b""))


def choose(*, batch: ClientImport, choices: Choices, mode: str, match: str) -> None:
    """Save the chosen mapping. Raises ValidationError if it is inconsistent."""
    made = choices.mapping()
    if "name" not in made["client"]:
        raise ValidationError(_("Choose the column that holds the name."))
    if match == ClientImport.Match.SOURCE and "column" not in made["client"]["key"]:
        raise ValidationError(
            _("Choose the column that holds the key, or recognise clients by a number.")
        )
    numbers = {"phone": {"phone"}, "identity": {"id_card", "credit_code"}}.get(match)
    if numbers and not numbers & set(made["client"]):
        raise ValidationError(_("Choose the column that holds the number to recognise by."))
    is_client = made["client"].get("lifecycle") == {"value": "client"}
    if is_client and "opened_on" not in made["client"]:
        raise ValidationError(_("A client needs an opening date."))
    try:
        Reader(importing_mapping.build(made, batch.name))
    except FileRefused as refused:
        raise ValidationError(str(refused)) from refused
    batch.mapping, batch.mode, batch.match = made, mode, match
    batch.detected |= {
        "targets": choices.targets,
        "lifecycle": choices.lifecycle,
        "deal_out": choices.deal_out,
    }
    batch.save(update_fields=["mapping", "mode", "match", "detected"])


def source_of(batch: ClientImport, typed: str) -> str:
    """The system's name as typed; a file that has none is its own source."""
    return typed.strip()[:40] or f"file {batch.public_id.hex[:12]}"


def preview(batch: ClientImport) -> list[dict[str, Any]]:
    """The first rows with the fault of each cell. Raises ValidationError."""
    try:
        reader = Reader(importing_mapping.build(batch.mapping, batch.name))
        header = batch.detected["header"]
        with _file(batch) as path:
            first_rows = list(islice(rows(path, batch.name), PREVIEWED))
    except FileRefused as refused:
        raise ValidationError(str(refused)) from refused
    shown = []
    for number, row in first_rows:
        _record, faults = reader.read(number, row)
        by_column: dict[str, str] = {fault.column: fault.reason for fault in faults}
        cells = [(row.get(column, ""), by_column.pop(column, "")) for column in header]
        shown.append({"line": number, "cells": cells, "faults": list(by_column.values())})
    return shown


@transaction.atomic
def start(*, batch: ClientImport, by: Employee, trial: bool, language: str) -> Job:
    """Queue the import, or a trial that writes nothing. Raises ValidationError."""
    batch = ClientImport.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if not batch.mapping or not batch.file:
        raise ValidationError(_("This file is no longer kept. Upload it again."))
    if batch.job_id is not None:
        raise ValidationError(_("This file has been imported already. Upload it again."))
    options = {"import": batch.pk, "language": language}
    if trial:
        title = _("Trial: %(name)s") % {"name": batch.name}
        return jobs.start(kind=TRIAL_KIND, title=title, by=by, options=options)
    title = _("Import: %(name)s") % {"name": batch.name}
    batch.job = jobs.start(kind=KIND, title=title, by=by, options=options)
    batch.save(update_fields=["job"])
    return batch.job


def run(running: jobs.Running) -> dict[str, Any]:
    """The job: load batch by batch; loaded batches stay if it is cancelled."""
    return _run(running, trial=False)


def run_trial(running: jobs.Running) -> dict[str, Any]:
    """The same with every batch rolled back: exact counts, nothing written."""
    return _run(running, trial=True)


def _run(running: jobs.Running, *, trial: bool) -> dict[str, Any]:
    options = running.job.options
    batch = ClientImport.objects.select_related("branch", "employee").get(pk=options["import"])
    scope = [branch.pk for branch in branches_for(batch.employee)]
    if not batch.employee.is_active or batch.branch_id not in scope:
        raise ValidationError(_("You may no longer import clients of this branch."))
    if not trial:
        _alone(running.job, batch)
    with override(options["language"]), tempfile.TemporaryDirectory() as folder:
        errors = Path(folder) / "errors.csv"
        with _file(batch) as path, FaultFile(errors, batch.detected["header"]) as faults:
            try:
                pass_ = _pass(running, batch, path, faults, scope=scope, trial=trial)
                pass_.all()
            except FileRefused as refused:
                raise ValidationError(str(refused)) from refused
            except DatabaseError as error:
                reason = str(error).splitlines()[0][:200]
                raise ValidationError(
                    _(
                        "The database refused a batch: %(reason)s. Those before it are in; "
                        "upload the file again to complete it, or take the import back."
                    )
                    % {"reason": reason}
                ) from error
        if faults.count:
            running.attach(f"{Path(batch.name).stem[:80]}-errors.csv", errors)
    done = pass_.result
    counts = {"created": done.created, "updated": done.updated, "unchanged": done.unchanged}
    if not trial:
        # A repeated run finds what the first one made: the trail knows what the import did.
        kept = batch.clients.all()
        counts["created"] = kept.filter(created=True).count()
        counts["updated"] = kept.filter(created=False).count()
        counts["unchanged"] = max(pass_.good - counts["created"] - counts["updated"], 0)
    return {"import": str(batch.public_id), "trial": trial, "refused": pass_.bad, **counts}


def _pass(
    running: jobs.Running,
    batch: ClientImport,
    path: Path,
    faults: FaultFile,
    *,
    scope: list[int],
    trial: bool,
) -> Run:
    mapping = importing_mapping.build(batch.mapping, batch.name)
    rule = Rule(
        mode=batch.mode,
        match=batch.match,
        scope=scope,
        batch=None if trial else batch.pk,
        by=batch.employee,
    )
    loader = Loader(mapping.source, batch.branch, mapping.client, mapping.round_robin, rule)
    lines = batch.detected.get("lines")
    return Run(
        path,
        Reader(mapping),
        loader,
        BATCH,
        tell=faults.tell,
        rehearse=trial,
        name=batch.name,
        progress=lambda read: running.progress(read, max(lines, read) if lines else None),
    )


def _alone(job: Job, batch: ClientImport) -> None:
    """Two imports of one source at once could not be told apart when one is taken back."""
    others = ClientImport.objects.filter(
        mapping__source=batch.mapping["source"], job__state=Job.State.RUNNING
    ).exclude(job=job)
    if others.exclude(pk=batch.pk).exists():
        raise ValidationError(
            _("Another import of this source is at work. Start it again when that has ended.")
        )


@contextmanager
def _file(batch: ClientImport) -> Iterator[Path]:
    if not batch.file or not default_storage.exists(batch.file):
        raise ValidationError(_("This file is no longer kept. Upload it again."))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        with default_storage.open(batch.file) as source, path.open("wb") as target:
            for chunk in source.chunks():
                target.write(chunk)
        yield path


def clear_files(now: datetime | None = None) -> int:
    """Remove uploaded files after some days; returns how many."""
    old = ClientImport.objects.filter(created_at__lt=(now or timezone.now()) - FILE_KEPT)
    batches = list(old.exclude(file="")[:100])
    for batch in batches:
        default_storage.delete(batch.file)
        # The samples of the mapping page are personal data too.
        batch.file, batch.detected["samples"] = "", []
        batch.save(update_fields=["file", "detected"])
    return len(batches)
