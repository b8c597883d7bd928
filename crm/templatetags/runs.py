"""What a work that was started by hand came to, in words."""

from __future__ import annotations

from django import template

from crm import runs
from crm.models import Job

register = template.Library()


@register.filter
def run_of(job: Job) -> runs.Run | None:
    """The work that this job does or tries out."""
    return runs.of_job(job.kind)


@register.filter
def run_lines(job: Job) -> list[tuple[str, int]]:
    """The counts of the job with their names, in the reader's language."""
    run = runs.of_job(job.kind)
    return run.lines(job.result) if run else []
