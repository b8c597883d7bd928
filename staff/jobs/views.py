"""One's own long work: how far it is, what came of it, its files, and the way to stop it."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm import jobs as work
from crm.models import Job
from crm.paging import paginate
from staff.http import StaffRequest, refusal


@never_cache
@require_safe
def jobs(request: StaffRequest) -> HttpResponse:
    """All jobs of the person who asks, the newest first."""
    page = paginate(Job.objects.filter(employee=request.user), order=("-id",), query=request.GET)
    return render(request, "staff/jobs/jobs.html", {"page": page})


@never_cache
@require_safe
def job(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One job; asked again every two seconds by the page until it is over."""
    found = get_object_or_404(Job, public_id=public_id, employee=request.user)
    context = {"job": found, "template": work.template_of(found.kind)}
    template = "staff/jobs/_job.html" if request.htmx else "staff/jobs/job.html"
    return render(request, template, context)


@require_POST
def cancel_job(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Stop a job; what it has finished so far stays, as its page says."""
    found = get_object_or_404(Job, public_id=public_id, employee=request.user)
    try:
        work.cancel(job=found)
    except ValidationError as error:
        return refusal(request, " ".join(error.messages))
    return redirect(found.get_absolute_url())


@never_cache
@require_safe
def job_file(request: StaffRequest, public_id: UUID, pk: int) -> HttpResponse | FileResponse:
    """A file that the job made; gone some days after its end."""
    found = get_object_or_404(Job, public_id=public_id, employee=request.user)
    file = get_object_or_404(found.files, pk=pk)
    if not default_storage.exists(file.file):
        sentence = _("This file is no longer kept. Start the work anew to get it.")
        return refusal(request, sentence, status=410)
    answer = FileResponse(default_storage.open(file.file), as_attachment=True, filename=file.name)
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
