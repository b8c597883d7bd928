from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = _("Visits")

    def ready(self) -> None:
        from clients.importing import registry
        from crm import jobs, navigation
        from crm import operations as named
        from crm.operations import (
            absence_changed,
            account_opened,
            client_saved,
            employee_left,
            hand_over,
            merge,
            undo_import,
            unmerge,
        )
        from visits.integration import operations, panels, timeline
        from visits.integration import operations as integration_operations
        from visits.integration.client_import import OFFER, VisitPart
        from visits.integration.navigation import ENTRIES
        from visits.notifications import endpoints

        navigation.register(*ENTRIES)
        registry.register("visit", VisitPart(), OFFER)
        absence_changed.register("visits", 20, operations.plan_around_absence)
        account_opened.register("visits", 20, operations.plan_new_account)
        client_saved.register("visits", 20, operations.plan_saved_client)
        merge.register("visits", 20, operations.join_callbacks)
        unmerge.register("visits", 20, operations.split_callbacks)
        hand_over.register("visits", 20, operations.follow_clients)
        undo_import.register("visits.void", 20, operations.void_imported_visits)
        undo_import.register("visits.plan", 90, operations.plan_undone_clients)
        employee_left.register("visits", 20, operations.release_callbacks)
        named.purge.register("visits.keep", 20, integration_operations.keep_awaited)
        jobs.register(
            endpoints.KIND, endpoints.run_test, template="visits/notifications/job_address.html"
        )
        panels.register()
        timeline.register()
