"""Administration of long work: to look at only."""

from __future__ import annotations

from django.contrib import admin

from crm.models import Job, JobFile
from staff.scoped_admin import OfOwnBranchesAdmin


@admin.register(Job)
class JobAdmin(OfOwnBranchesAdmin):
    """Long work of everybody: what waits, runs, or went wrong."""

    list_display = ("title", "kind", "employee", "state", "done", "total", "created_at")
    list_filter = ("state", "created_at")
    list_select_related = ("employee",)
    search_fields = ("title", "kind", "employee__full_name")
    ordering = ("-id",)
    fields = (
        "title",
        "kind",
        "employee",
        "state",
        "done",
        "total",
        "attempts",
        "error",
        "result",
        "created_at",
        "finished_at",
        "cancel_asked",
    )


@admin.register(JobFile)
class JobFileAdmin(OfOwnBranchesAdmin):
    """Names and sizes only: the files are for whoever asked for the job."""

    branch_path = "job__employee__branch"
    list_display = ("name", "job", "size")
    list_select_related = ("job",)
    search_fields = ("name", "job__title")
    ordering = ("-id",)
    fields = ("job", "name", "size")
