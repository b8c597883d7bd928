from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = _("Visits")

    def ready(self) -> None:
        from clients.importing import registry
        from visits.importing import VisitPart

        registry.register("visit", VisitPart())
