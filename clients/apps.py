"""The room of clients and its parts in the named operations."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClientsConfig(AppConfig):
    name = "clients"
    verbose_name = _("Clients")

    def ready(self) -> None:
        from clients import permissions
        from clients.directory import bulk
        from clients.exporting import services as exporting
        from clients.figures import job, panel
        from clients.figures.policies import LIMITS
        from clients.file import timeline
        from clients.file.assignments import become_client, release_clients
        from clients.handovers import approvals_panel
        from clients.importing import accounts, registry, undo
        from clients.importing import services as importing
        from clients.integration import purge
        from clients.integration.navigation import ENTRIES, VIEWS
        from clients.notification_kinds import KINDS
        from clients.relations import selectors as relations_selectors
        from crm import jobs, navigation, notifications, operations, panels, periodic, policies
        from crm.database_roles import keep
        from crm.operations import account_opened, employee_left, undo_import

        keep(
            "clients.Assignment",
            "clients.Client",
            "clients.Consent",
            "clients.Document",
            "clients.Identity",
            "clients.Phone",
            "clients.RiskAssessment",
            "clients.SegmentChange",
        )
        navigation.register(*ENTRIES)
        navigation.own.register(VIEWS)
        notifications.register(*KINDS)
        policies.register(*permissions.POLICIES, *LIMITS.values())
        periodic.every_minute(
            {
                "clients.exporting.tasks.clear_exports": _("Clears old exports away"),
                "clients.figures.tasks.tick_figures": _("Derives profiles from figures each night"),
                "clients.handovers.tasks.tick_hand_overs": _("Does hand-overs on their day"),
                "clients.importing.tasks.clear_imports": _("Clears old imports away"),
                "clients.segments.tasks.tick_classification": _(
                    "Puts clients into segments each night"
                ),
            }
        )
        # Told of by the health page alone: a night without it is no alarm yet.
        periodic.parts.register(periodic.Part("classification", periodic.NIGHTLY_LATE_AFTER))
        account_opened.register("clients", 10, become_client)
        employee_left.register("clients", 10, release_clients)
        jobs.register(bulk.KIND, bulk.run, template="clients/directory/job_bulk.html")
        jobs.register(bulk.UNDO_KIND, bulk.run_undo, template="clients/directory/job_bulk.html")
        operations.purge.register("clients.keep", 10, purge.keep_clients)
        operations.purge.register("clients", 90, purge.delete_clients)
        undo_import.register("clients", 50, undo.undo_clients)
        job_template = "clients/importing/job_import.html"
        jobs.register(importing.KIND, importing.run, template=job_template)
        jobs.register(importing.TRIAL_KIND, importing.run_trial, template=job_template)
        jobs.register(importing.UNDO_KIND, undo.run, template=job_template)
        jobs.register(exporting.KIND, exporting.run, template="clients/exporting/job_export.html")
        panels.register(
            panels.Panel(
                "client",
                "clients.relations",
                80,
                "clients/relations/panel_relations.html",
                relations_selectors.panel,
                late=True,
                link=lambda _request: "relations/",
                title=_("Relations"),
            )
        )
        approvals_panel.register()
        timeline.register()
        panel.register()
        job.register()
        registry.register("account", accounts.AccountPart(), accounts.OFFER)
