"""Lines for the inbox that the ground floor asks for."""

from __future__ import annotations

from crm.models import Job
from staff.models import Notification


def tell_of_job(job: Job) -> None:
    """A line in the inbox of whoever asked for a job that has ended; not of what they cancelled."""
    if job.state == Job.State.CANCELLED:
        return
    params = {"title": job.title, "failed": job.state == Job.State.FAILED}
    Notification.objects.get_or_create(
        key=f"job:{job.pk}",
        defaults={
            "employee_id": job.employee_id,
            "kind": Notification.Kind.JOB,
            "params": params,
            "url": job.get_absolute_url(),
        },
    )
