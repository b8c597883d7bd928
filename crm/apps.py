"""The ground floor as a Django app."""

from django.apps import AppConfig, apps
from django.db.models.constraints import BaseConstraint
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    """Loads the system checks and the Celery application, so that tasks are bound to it."""

    name = "crm"
    verbose_name = _("System")

    def ready(self) -> None:
        from crm import celery, checks, database_roles, periodic  # noqa: F401

        speak_of_constraints()
        database_roles.keep("crm.AccessLog")
        periodic.every_minute(
            {
                "crm.tasks.beat_heartbeat": _("Says that clock and workers are alive"),
                "crm.tasks.sweep_jobs": _("Takes up jobs that were left, clears old files away"),
            }
        )
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


def speak_of_constraints() -> None:
    """A constraint without words of its own is not told to people by its name, as Django does."""
    words = _("These values do not fit together, or there is such a row already. Check them.")
    of_django = BaseConstraint.default_violation_error_message
    for model in apps.get_models(include_auto_created=True):
        for constraint in model._meta.constraints:
            if constraint.violation_error_message == of_django:
                constraint.violation_error_message = words
    # The default too: to have said nothing else is no change of a model.
    BaseConstraint.default_violation_error_message = words
