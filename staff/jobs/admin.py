"""Administration of long work: to look at only."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.admin_base import name_fields
from crm.jobs import retry
from crm.models import Job, JobFile
from staff.http import StaffRequest, employee_of, refusal
from staff.jobs.selectors import may_look
from staff.scoped_admin import OfOwnBranchesAdmin

name_fields(JobFile, job=_("job"))


@admin.register(Job)
class JobAdmin(OfOwnBranchesAdmin):
    """Long work of everybody: what waits, runs, or went wrong."""

    task = "runs"
    place = 10
    about = _(
        "Imports, exports and other long work of everybody; what failed is started again here."
    )
    change_form_template = "admin/crm/job/change_form.html"
    list_display = ("title", "employee", "state", "done", "total", "error", "created_at")
    list_filter = ("state", "created_at")
    list_select_related = ("employee",)
    search_fields = ("title", "employee__full_name", "error")
    ordering = ("-id",)
    fields = (
        "title",
        "employee",
        "state",
        "done",
        "total",
        "attempts",
        "error",
        "created_at",
        "finished_at",
        "cancel_asked",
    )

    def get_urls(self) -> list[Any]:
        """With the button to try a failed job again."""
        view = self.admin_site.admin_view(self.retry_view)
        return [path("<int:pk>/retry/", view, name="crm_job_retry"), *super().get_urls()]

    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Begin a failed job anew, for whoever asked for it; the history says who pressed."""
        job = self.get_object(request, str(pk))
        if job is None:
            raise Http404
        if not may_look(employee_of(request)):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            retry(job=job)
        except ValidationError as error:
            return refusal(cast(StaffRequest, request), " ".join(error.messages))
        self.log_change(request, job, gettext("Tried again."))
        words = gettext("“%(title)s” has begun anew.")
        self.message_user(request, words % {"title": job.title}, messages.SUCCESS)
        return redirect("admin:crm_job_change", job.pk)


@admin.register(JobFile)
class JobFileAdmin(OfOwnBranchesAdmin):
    """Names and sizes only: the files are for whoever asked for the job."""

    task = "runs"
    place = 12
    about = _("Files that jobs made, by name and size; whoever asked opens them.")
    branch_path = "job__employee__branch"
    list_display = ("name", "job", "size")
    list_select_related = ("job",)
    search_fields = ("name", "job__title")
    ordering = ("-id",)
    fields = ("job", "name", "size")
