"""Import in the browser: upload, mapping with preview, trial, import, and taking it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from clients import permissions
from clients.importing import services, undo
from clients.importing.forms import MappingForm, UploadForm
from clients.models import ClientImport
from crm.models import Job
from crm.paging import paginate
from staff.http import StaffRequest, refusal


def _own(request: StaffRequest) -> QuerySet[ClientImport]:
    """A person's imports are that person's alone: the file is personal data."""
    rows = ClientImport.objects.filter(employee=request.user)
    return rows.select_related("branch", "job", "undo_job")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: StaffRequest) -> HttpResponse:
    """The user's imports, and the upload form."""
    own = _own(request)
    if not permissions.may_import(request.user):
        raise PermissionDenied
    sent = request.method == "POST"
    form = UploadForm(
        request.POST if sent else None, request.FILES if sent else None, employee=request.user
    )
    if sent and form.is_valid():
        try:
            batch = services.store(
                upload=form.cleaned_data["file"],
                by=request.user,
                branch=form.cleaned_data["branch"],
            )
        except ValidationError as refused:
            form.add_error("file", refused)
        else:
            return redirect(batch)
    page = paginate(own, order=("-id",), query=request.GET)
    status = 422 if form.errors else 200
    return render(
        request, "clients/importing/imports.html", {"form": form, "page": page}, status=status
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One import: mapping and preview while it is prepared, results later."""
    batch = get_object_or_404(_own(request), public_id=public_id)
    if not permissions.may_import(request.user):
        raise PermissionDenied
    if batch.job_id is not None:
        if request.method == "POST":
            sentence = _("This file has been imported already. Upload it again.")
            return refusal(request, sentence)
        return render(request, "clients/importing/import_done.html", _outcome(batch))
    form = MappingForm(request.POST if request.method == "POST" else None, batch=batch)
    shown: dict[str, Any] = {"batch": batch, "form": form, "rows": [], "status": 200}
    try:
        if form.is_valid():
            services.choose(
                batch=batch,
                choices=form.choices(),
                mode=form.cleaned_data["mode"],
                match=form.cleaned_data["match"],
            )
            shown["rows"] = services.preview(batch)
        elif request.method != "POST" and batch.mapping:
            # Chosen before: back from a trial, or found again.
            shown["rows"] = services.preview(batch)
    except ValidationError as refused:
        if form.is_bound:
            form.add_error(None, refused)
    if form.errors:
        shown["status"] = 422
    shown["faulty"] = sum(
        bool(row["faults"]) or any(c[1] for c in row["cells"]) for row in shown["rows"]
    )
    return render(request, "clients/importing/import.html", shown, status=shown["status"])


def _outcome(batch: ClientImport) -> dict[str, Any]:
    kept = batch.clients
    return {
        "batch": batch,
        "created": kept.filter(created=True).count(),
        "updated": kept.filter(created=False).count(),
        "cancelled": batch.job is not None and batch.job.state == Job.State.CANCELLED,
        "may_undo": undo.may_undo(batch),
    }


@require_POST
def start_import(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Queue the trial, or the import itself."""
    batch = get_object_or_404(_own(request), public_id=public_id)
    if not permissions.may_import(request.user):
        raise PermissionDenied
    language = get_language() or "en"
    try:
        trial = "trial" in request.POST
        job = services.start(batch=batch, by=request.user, trial=trial, language=language)
    except ValidationError as refused:
        return refusal(request, " ".join(refused.messages))
    return redirect(job.get_absolute_url())


@require_POST
def undo_import(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Take a whole import back, within a day."""
    batch = get_object_or_404(_own(request), public_id=public_id)
    if not permissions.may_import(request.user):
        raise PermissionDenied
    language = get_language() or "en"
    try:
        job = undo.undo(batch=batch, by=request.user, language=language)
    except ValidationError as refused:
        return refusal(request, " ".join(refused.messages))
    return redirect(job.get_absolute_url())
