"""Long work that a person asks for and may leave: import, export, figures.

The row is the job. It is claimed by one conditional UPDATE with a lease; ``progress`` renews the
lease and notices a wish to cancel; a sweep hands out again what a dead worker left. So a handler
may run twice and has to end in the same rows: whole batches or nothing, and safe to repeat.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.leases import Held, Lease, sweep
from crm.models import Job, JobFile

logger = logging.getLogger(__name__)

# Without a sign of life for so long, the worker counts as dead.
LEASE = Lease(
    Job,
    until="lease_until",
    state="state",
    waiting=Job.State.WAITING.value,
    held=Job.State.RUNNING.value,
    length=timedelta(minutes=5),
    longest=timedelta(hours=1),
)
RESEND_AFTER = timedelta(minutes=1)
MOST_ATTEMPTS = 3
# Uploads and results are personal data: they are not kept longer than they are of use.
FILES_KEPT = timedelta(days=7)


class Cancelled(Exception):
    """The person who asked for the job wants it no more."""


Handler = Callable[["Running"], dict[str, Any]]
Finished = Callable[[Job], None]


@dataclass(frozen=True)
class Kind:
    """What a kind of job does, and the template that draws its result in the job's page."""

    handler: Handler
    template: str = ""


_kinds: dict[str, Kind] = {}
_finished: dict[str, Finished] = {}


def register(kind: str, handler: Handler, template: str = "") -> None:
    """Name the work of a kind; called from ``AppConfig.ready``, so twice is once."""
    _kinds[kind] = Kind(handler, template)


def on_finish(key: str, tell: Finished) -> None:
    """Have ``tell`` called inside the transaction that ends a job."""
    _finished[key] = tell


def template_of(kind: str) -> str:
    """The template for the result of a kind; '' where it has none."""
    return _kinds[kind].template if kind in _kinds else ""


def start(
    *, kind: str, title: str, by: Any, options: dict[str, Any], file: File[bytes] | None = None
) -> Job:
    """Keep the job and its file, and hint a worker at it once this transaction is through."""
    if kind not in _kinds:
        raise ValueError(f"No handler is registered for jobs of kind {kind!r}.")
    job = Job(kind=kind, title=title[:200], employee=by, options=options)
    if file is not None:
        job.file = default_storage.save(f"jobs/{job.public_id}/{uuid.uuid4().hex}", file)
    job.save()
    transaction.on_commit(lambda: _hint(job.pk), robust=True)
    return job


def cancel(*, job: Job) -> None:
    """Cancel at once what has not begun; what runs stops at its next sign of progress.

    Raises ValidationError where the job is over already.
    """
    now = timezone.now()
    waiting = Job.objects.filter(pk=job.pk, state=Job.State.WAITING)
    if waiting.update(state=Job.State.CANCELLED, finished_at=now, cancel_asked=True):
        return
    running = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING)
    if not running.update(cancel_asked=True):
        raise ValidationError(_("This job is over already; there is nothing to cancel."))


def retry(*, job: Job) -> None:
    """Begin a failed job anew, as it was asked for.

    Raises ValidationError for one that did not fail, whose work is known no more, or whose files are
    cleared away.
    """
    now = timezone.now()
    failed = Job.objects.filter(pk=job.pk, state=Job.State.FAILED, kind__in=_kinds)
    fresh = {"state": Job.State.WAITING, "attempts": 0, "done": 0, "total": None, "error": ""}
    kept = failed.filter(finished_at__gt=now - FILES_KEPT)
    if kept.update(**fresh, finished_at=None, cancel_asked=False, lease_until=None, sent_at=now):
        transaction.on_commit(lambda: _hint(job.pk), robust=True)
        return
    if failed.exists():
        raise ValidationError(_("Its file is no longer kept. Start the work anew."))
    raise ValidationError(_("Only a job that failed can be tried again."))


@dataclass
class Running:
    """A job at work, as its handler sees it."""

    job: Job
    path: Path | None = None
    _seen_at: datetime = field(default_factory=timezone.now)

    def progress(self, done: int, total: int | None = None) -> None:
        """Note how far the work is and live on; between batches, outside transactions.

        Raises Cancelled when the person asked for that, or the job was taken from this worker.
        """
        now = timezone.now()
        wanted = Q(cancel_asked=False)
        if not LEASE.extend(_held(self.job), now, where=wanted, done=done, total=total):
            raise Cancelled
        self._seen_at = now

    def attach(self, name: str, content: Path | bytes) -> JobFile:
        """Keep a file for the person to download."""
        key = f"jobs/{self.job.public_id}/{uuid.uuid4().hex}"
        if isinstance(content, bytes):
            kept = default_storage.save(key, ContentFile(content))
        else:
            with content.open("rb") as source:
                kept = default_storage.save(key, File(source))
        return JobFile.objects.create(
            job=self.job, name=name[:120], file=kept, size=default_storage.size(kept)
        )


def run(pk: int) -> None:
    """Do a job that waits or whose worker died; anything else is left alone.

    What it says is worded for the person who asked.
    """
    job = _claim(pk)
    if job is None:
        return
    with translation.override(job.employee.language or settings.LANGUAGE_CODE):
        _run(job)


def _run(job: Job) -> None:
    if job.attempts > MOST_ATTEMPTS:
        sentence = _("The work was interrupted several times. Start it anew, or tell your support.")
        _finish(job, Job.State.FAILED, error=sentence)
        return
    # What an interrupted attempt had made is made anew.
    _remove([file.file for file in job.files.all()])
    job.files.all().delete()
    try:
        with _local(job.file) as path, pghistory.context(employee=job.employee_id, job=job.pk):
            result = _kinds[job.kind].handler(Running(job, path))
    except Cancelled:
        _finish(job, Job.State.CANCELLED)
    except ValidationError as refused:
        _finish(job, Job.State.FAILED, error=" ".join(refused.messages))
    except Exception:
        logger.exception("Job %s of kind %s failed.", job.pk, job.kind)
        sentence = _(
            "Something went wrong on our side; it has been noted. Nothing half-done stays."
        )
        _finish(job, Job.State.FAILED, error=sentence)
    else:
        _finish(job, Job.State.DONE, result=result)


def stale(now: datetime | None = None) -> list[int]:
    """Jobs whose hint was lost or whose worker died; marked as handed out again."""
    now = now or timezone.now()
    lost = Q(state=Job.State.WAITING, sent_at__lte=now - RESEND_AFTER)
    rows = sweep(Job.objects.filter(lost | LEASE.run_out(now)), now, limit=100)
    return [pk for (pk,) in rows]


def clear_files(now: datetime | None = None) -> int:
    """Remove the files of jobs that ended some days ago; returns of how many jobs."""
    end = (now or timezone.now()) - FILES_KEPT
    old = Job.objects.filter(finished_at__lte=end).exclude(file="", files=None).distinct()
    jobs = list(old.prefetch_related("files")[:100])
    for job in jobs:
        _remove([job.file, *(file.file for file in job.files.all())])
        with transaction.atomic():
            job.files.all().delete()
            Job.objects.filter(pk=job.pk).update(file="")
    return len(jobs)


def _hint(pk: int) -> None:
    from crm.tasks import run_job

    run_job.delay(pk)


def _claim(pk: int) -> Job | None:
    taken = LEASE.claim(timezone.now(), where="l.id = %(pk)s", parameters={"pk": pk})
    return Job.objects.get(pk=pk) if taken else None


def _held(job: Job) -> Held:
    return Held(job.pk, job.attempts)


def _finish(job: Job, state: Job.State, **values: Any) -> None:
    with transaction.atomic():
        if not LEASE.end(_held(job), state, finished_at=timezone.now(), **values):
            return
        job.refresh_from_db()
        for tell in _finished.values():
            tell(job)


@contextmanager
def _local(key: str) -> Iterator[Path | None]:
    """The uploaded file as a path, whatever storage keeps it."""
    if not key:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        with default_storage.open(key) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)
        yield path


def _remove(keys: list[str]) -> None:
    for key in filter(None, keys):
        default_storage.delete(key)
