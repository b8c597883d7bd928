"""Tasks of the ground floor."""

from celery import shared_task

from crm import jobs, periodic

# The longest import that we saw took minutes; what hangs for hours is stopped.
JOB_SECONDS = 4 * 3600


@shared_task
def beat_heartbeat() -> None:
    """Note that beat sent a message and a worker took it; the health page reads the row."""
    for name in ("beat", "worker"):
        periodic.note_alive(name)


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
