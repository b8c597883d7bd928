"""Services of an employee's addresses for reminders and quiet hours."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import jobs
from crm.models import Job
from staff.models import Employee
from visits.models import Endpoint, QuietHours
from visits.notifications import robot_delivery

KIND = "reminders.test"
MOST = 5


def add(*, employee: Employee, label: str, url: str) -> Endpoint:
    """Save an address, encrypted. Raises ValidationError if it is not permitted."""
    kind, normal = robot_delivery.normal(url)
    endpoint = Endpoint(employee=employee, label=label, kind=kind)
    endpoint.set_url(normal)
    endpoint.save()
    return endpoint


def set_quiet(*, employee: Employee, quiet_from: time, quiet_to: time) -> None:
    """Save the employee's own quiet hours."""
    QuietHours.objects.update_or_create(
        employee=employee, defaults={"quiet_from": quiet_from, "quiet_to": quiet_to}
    )


def start_test(*, endpoint: Endpoint) -> Job:
    """Start a job that sends a test message to the address."""
    title = _("Test message to %(label)s") % {"label": endpoint.label}
    options = {"endpoint": endpoint.pk}
    return jobs.start(kind=KIND, title=title, by=endpoint.employee, options=options)


def run_test(running: jobs.Running) -> dict[str, Any]:
    """Send it. A refusal fails the job with the reason."""
    endpoint = (
        Endpoint.objects.of(running.job.employee).filter(pk=running.job.options["endpoint"]).first()
    )
    if endpoint is None:
        raise ValidationError(_("This address was removed."))
    body = _("This is a test message. Reminders will arrive here.")
    try:
        robot_delivery.send(url=endpoint.url, title=_("Test"), body=body)
    except robot_delivery.Refused as refused:
        endpoint.last_failed_at, endpoint.last_error = timezone.now(), str(refused)[:200]
        endpoint.save(update_fields=["last_failed_at", "last_error"])
        raise ValidationError(str(refused)) from refused
    endpoint.last_ok_at, endpoint.last_error = timezone.now(), ""
    endpoint.save(update_fields=["last_ok_at", "last_error"])
    return {"label": endpoint.label}
