"""Tasks of the ground floor."""

from celery import shared_task
from django.utils import timezone

from crm.models import Heartbeat


@shared_task
def beat_heartbeat() -> None:
    """Note that beat sent a message and a worker took it; the health page reads the row."""
    for name in ("beat", "worker"):
        Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})
