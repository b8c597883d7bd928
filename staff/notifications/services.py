"""Writing lines into inboxes, and those that the ground floor asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from crm.models import Job
from crm.notifications import Figures, Kind, kinds
from staff.models import Notification
from staff.notifications.kinds import JOB


@dataclass(frozen=True)
class Line:
    """One line for one employee (key). No second one of the same ``key`` is ever written.

    ``params``: the figures of the sentence; ``url``: where it leads, else where its kind does.
    """

    employee: int
    key: str
    params: Figures = field(default_factory=dict)
    url: str = ""


def notify(kind: Kind, lines: Iterable[Line], *, renew: bool = False) -> None:
    """Put lines into inboxes, in the caller's transaction and in one statement.

    Where there is a line of the same key it stays as it is; with ``renew`` it takes the new figures.
    Raises KeyError for a kind that no room declares.
    """
    link = kinds[kind.key].url()
    rows = [
        Notification(
            employee_id=line.employee,
            kind=kind.key,
            key=line.key,
            params=dict(line.params),
            url=line.url or link,
        )
        for line in lines
    ]
    if renew:
        Notification.objects.bulk_create(
            rows, update_conflicts=True, update_fields=["params"], unique_fields=["key"]
        )
    else:
        Notification.objects.bulk_create(rows, ignore_conflicts=True)


def tell_of_job(job: Job) -> None:
    """A line in the inbox of whoever asked for a job that has ended; not of what they cancelled."""
    if job.state == Job.State.CANCELLED:
        return
    params = {"title": job.title, "failed": job.state == Job.State.FAILED}
    notify(JOB, [Line(job.employee_id, f"job:{job.pk}", params, job.get_absolute_url())])
