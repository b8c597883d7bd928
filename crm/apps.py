"""The ground floor as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    """Loads the system checks and the Celery application, so that tasks are bound to it."""

    name = "crm"
    verbose_name = _("System")

    def ready(self) -> None:
        from crm import celery, checks  # noqa: F401
