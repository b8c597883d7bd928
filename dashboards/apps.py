from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardsConfig(AppConfig):
    name = "dashboards"
    verbose_name = _("Dashboards")

    def ready(self) -> None:
        from crm import navigation, periodic
        from dashboards.navigation import ENTRIES

        navigation.register(*ENTRIES)
        periodic.show_status_at("dashboards:board")
