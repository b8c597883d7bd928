"""The Celery application: every-minute heartbeats and the tasks that they start.

Beat knows only heartbeats. What is due at which business time is decided in SQL by the tasks, so
a beat that was down, or two of them, change nothing in the outcome (docs/callbacks.md#reminders).
"""

import os
from importlib import import_module
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, celeryd_init, worker_ready
from django.core.exceptions import ImproperlyConfigured

from crm import embedded
from crm.checks import refuse_misconfiguration

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

HEARTBEATS = (
    "crm.tasks.beat_heartbeat",
    "crm.tasks.sweep_jobs",
    "staff.absences.tasks.tick_absences",
    "clients.tasks.tick_figures",
    "clients.tasks.tick_classification",
    "clients.tasks.tick_hand_overs",
    "clients.tasks.clear_transfers",
    "visits.tasks.tick_planning",
    "visits.tasks.tick_reminders",
    "visits.tasks.sweep",
    "compliance.tasks.tick",
    "pipeline.tasks.tick_retention",
    "pipeline.ranking.tasks.tick_ranking",
    "pipeline.ranking.tasks.tick_ranking_training",
)

app = Celery("crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["pipeline.ranking", "staff.absences"])
# Addresses of employees may hang: what is sent there waits in a queue of its own.
app.conf.task_routes = {"visits.tasks.deliver_outside": {"queue": "outside"}}
# A tick that nobody took within its minute is worthless: the next one does its work.
app.conf.beat_schedule = {
    name: {"task": name, "schedule": crontab(), "options": {"expires": 55}} for name in HEARTBEATS
}


@celeryd_init.connect
@beat_init.connect
def _start_servers(**_kwargs: Any) -> None:
    try:
        refuse_misconfiguration()
    except ImproperlyConfigured as error:
        # Celery would only log another exception, and go on.
        raise SystemExit(str(error)) from error
    embedded.ensure()


@worker_ready.connect
def _watch(**_kwargs: Any) -> None:
    """Someone has to notice that beat is dead; this room names the one above by string only."""
    import_module("staff.watch").guard()
