"""What runs by night and every minute, what went wrong, and the ways to start it by hand."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from crm import failures
from crm import runs as work
from staff.http import StaffRequest, refusal
from staff.jobs import selectors


def _run(request: StaffRequest, key: str) -> work.Run:
    """The work, for whoever may start it; to whoever is not staff it is not there."""
    run = work.registry.get(key)
    if run is None or not request.user.is_staff:
        raise Http404
    if not run.may(request.user):
        raise PermissionDenied
    return run


@require_safe
def runs(request: StaffRequest) -> HttpResponse:
    """Failures first, then what may be started by hand, then what runs by itself."""
    if not selectors.may_look(request.user):
        raise Http404
    context = {
        "parts": failures.silent_parts(),
        "failed": failures.failed_jobs(),
        "works": selectors.works(request.user),
        "ticks": selectors.ticks(),
    }
    return render(request, "staff/jobs/runs.html", context)


@require_POST
def try_run(request: StaffRequest, key: str) -> HttpResponse:
    """Start a trial; its page shows what would happen."""
    run = _run(request, key)
    try:
        job = work.try_out(run=run, by=request.user)
    except ValidationError as error:
        return refusal(request, " ".join(error.messages))
    return redirect(job.get_absolute_url())


@require_POST
def start_run(request: StaffRequest, key: str, trial: UUID) -> HttpResponse:
    """Do what was tried out."""
    run = _run(request, key)
    try:
        job = work.start(run=run, trial=trial, by=request.user)
    except ValidationError as error:
        return refusal(request, " ".join(error.messages))
    return redirect(job.get_absolute_url())
