"""The Celery application: every-minute heartbeats and the tasks that they start.

Beat knows only heartbeats. What is due at which business time is decided in SQL by the tasks, so
a beat that was down, or two of them, change nothing in the outcome (docs/callbacks.md#reminders).
"""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init, import_modules, worker_ready
from django.core.exceptions import ImproperlyConfigured

from crm import embedded, periodic
from crm.checks import refuse_misconfiguration

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

app = Celery("crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.task_routes = periodic.routes


@import_modules.connect
def _plan(**_kwargs: Any) -> None:
    """Before beat and workers begin, when Django has started: rooms have declared their ticks."""
    app.conf.beat_schedule = periodic.schedule()


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
    """Someone has to notice that beat is dead."""
    for watch in periodic.watches:
        watch.guard()
