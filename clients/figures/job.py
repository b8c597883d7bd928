"""The import of figures as a job: a dry run, loaded after confirmation."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import translation
from django.utils.translation import gettext as _

from clients.figures.mapping import parse, read
from clients.figures.run import Order, import_figures
from clients.importing.reading import FileRefused
from clients.models import FigureImport
from clients.querysets import may_import_figures
from crm import jobs
from crm.models import Job
from staff.models import Employee

KIND = "clients.import_figures"
# How a report calls a mapping that came with its file.
OWN = "own"


def check(
    *,
    file: File[bytes],
    name: str,
    mapping: str,
    as_of: date | None,
    by: Employee,
    own_mapping: str = "",
) -> Job:
    """Reconcile a file in the background and load nothing.

    ``mapping`` is the name of a shipped one; the text of ``own_mapping`` goes before it.
    """
    options = {
        "name": name,
        "mapping": mapping,
        "own_mapping": own_mapping,
        "as_of": as_of.isoformat() if as_of else "",
        "dry_run": True,
    }
    title = _("Check of figures: %(file)s") % {"file": name}
    return jobs.start(kind=KIND, title=title, by=by, options=options, file=file)


def load(*, report: FigureImport, by: Employee) -> Job:
    """Load the file of a dry run. Raises ValidationError if it was loaded, or the file deleted."""
    if is_loaded(report):
        raise ValidationError(_("These figures are loaded already: see the jobs."))
    checked = Job.objects.filter(public_id=report.job).first() if report.job else None
    if checked is None or not checked.file or not default_storage.exists(checked.file):
        raise ValidationError(_("The file is no longer kept. Upload it again."))
    title = _("Import of figures: %(file)s") % {"file": report.file_name}
    options = {**checked.options, "dry_run": False, "checked_by": str(report.public_id)}
    with default_storage.open(checked.file) as kept:
        return jobs.start(kind=KIND, title=title, by=by, options=options, file=kept)


def is_loaded(report: FigureImport) -> bool:
    """Whether the file of a dry run was loaded, or is about to be."""
    started = Job.objects.filter(kind=KIND, options__checked_by=str(report.public_id))
    return started.exclude(state__in=[Job.State.FAILED, Job.State.CANCELLED]).exists()


def run(running: jobs.Running) -> dict[str, Any]:
    """The job's work; safe to repeat, because a second import of a file changes nothing."""
    job, path = running.job, running.path
    employee = Employee.objects.get(pk=job.employee_id)
    if path is None or not may_import_figures(employee):
        raise ValidationError(_("Your post does not import figures. Ask your branch head."))
    options = job.options
    # Sentences name the file as its maker knows it.
    path = path.rename(path.with_name(Path(options["name"]).name or path.name))
    language = translation.override(employee.language or settings.LANGUAGE_CODE)
    with language, tempfile.TemporaryDirectory() as folder:
        errors, own = Path(folder) / "errors.csv", options["own_mapping"]
        try:
            order = Order(
                path=path,
                name=options["name"],
                mapping=parse(own, OWN) if own else read(options["mapping"]),
                by=employee,
                as_of=date.fromisoformat(options["as_of"]) if options["as_of"] else None,
                dry_run=options["dry_run"],
                job=job.public_id,
            )
            report = import_figures(order, errors=errors, progress=running.progress)
        except FileRefused as refused:
            raise ValidationError(str(refused)) from refused
        if report.refused:
            running.attach(f"{Path(options['name']).stem}.errors.csv", errors)
    return {
        "report": str(report.public_id),
        "dry_run": report.dry_run,
        "rows": report.rows,
        "rows_read": f"{report.rows:,}",
    }


def register() -> None:
    """Called at start-up."""
    jobs.register(KIND, run, template="clients/figures/_figures_done.html")
