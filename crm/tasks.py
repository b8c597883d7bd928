"""Tasks of the ground floor."""

from celery import shared_task
from django.utils import timezone

from crm import jobs
from crm.models import Heartbeat

# The longest import that we saw took minutes; what hangs for hours is stopped.
JOB_SECONDS = 4 * 3600


@shared_task
def beat_heartbeat() -> None:
    """Note that beat sent a message and a worker took it; the health page reads the row."""
    for name in ("beat", "worker"):
        Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})


@shared_task(time_limit=JOB_SECONDS)
def run_job(pk: int) -> None:
    """Do one job."""
    jobs.run(pk)


@shared_task
def sweep_jobs() -> None:
    """Every minute: hand out again what was lost, and clear old files away."""
    for pk in jobs.stale():
        run_job.delay(pk)
    jobs.clear_files()
