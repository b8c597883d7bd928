"""The ground floor as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    """Loads the system checks and the Celery application, so that tasks are bound to it."""

    name = "crm"
    verbose_name = _("System")

    def ready(self) -> None:
        from crm import celery, checks, database_roles, periodic  # noqa: F401

        database_roles.keep("crm.AccessLog")
        periodic.every_minute("crm.tasks.beat_heartbeat", "crm.tasks.sweep_jobs")
        periodic.parts.register(
            periodic.Part(
                "beat",
                label=_("Clock"),
                silent=_("The clock is silent: nothing is planned and nobody is reminded."),
                works_again=_("The clock works again."),
                cause=20,
            ),
            # Without workers beat is not heard, and without beat nothing else moves.
            periodic.Part(
                "worker",
                label=_("Workers"),
                silent=_("The workers are silent: nothing is planned and nobody is reminded."),
                works_again=_("The workers work again."),
                cause=10,
            ),
        )
