"""The Celery application: every-minute heartbeats and the tasks that they start.

Beat knows only heartbeats. What is due at which business time is decided in SQL by the tasks, so
a beat that was down, or two of them, change nothing in the outcome (docs/callbacks.md#reminders).
"""

import logging
import os
from typing import TYPE_CHECKING, Any

from celery import Celery, Task
from celery.signals import beat_init, celeryd_init, import_modules, worker_ready
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from crm import embedded, periodic
from crm.checks import refuse_misconfiguration

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

if TYPE_CHECKING:
    BaseTask = Task[Any, Any]
else:
    BaseTask = Task
logger = logging.getLogger(__name__)


class NotedTask(BaseTask):
    """A task that notes how it ended, if it is one of those that beat starts each minute."""

    def on_success(self, retval: Any, task_id: str, args: Any, kwargs: Any) -> None:
        """The last run ended well."""
        self._note("")

    def on_failure(self, exc: Any, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        """The last run failed, by which kind of error."""
        self._note(type(exc).__name__)

    def _note(self, error: str) -> None:
        if self.name not in periodic.ticks:
            return
        try:
            periodic.note_run(self.name, error)
        except DatabaseError:
            # A database that is away fails the tick too, and is told of there.
            logger.warning("The run of %s could not be noted.", self.name)


app: "Celery[Any]" = Celery("crm", task_cls=NotedTask)
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
