from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = _("Visits")

    def ready(self) -> None:
        from clients.directory.parts import parts
        from clients.importing import registry
        from crm import jobs, navigation, notifications, periodic, policies, runs
        from crm import operations as named
        from crm.database_roles import keep
        from crm.operations import (
            absence_changed,
            account_opened,
            client_saved,
            employee_left,
            hand_over,
            merge,
            segment_added,
            segments_set,
            undo_import,
            unmerge,
        )
        from visits import ics
        from visits.contacts import attempts, snooze_limits
        from visits.integration import client_list, operations, panels, timeline
        from visits.integration import operations as integration_operations
        from visits.integration.client_import import OFFER, VisitPart
        from visits.integration.navigation import ENTRIES
        from visits.notifications import endpoints
        from visits.notifications import policies as reminding
        from visits.notifications.kinds import KINDS
        from visits.planning import by_hand
        from visits.planning import policies as planning

        keep("visits.CallbackChange", "visits.Visit")
        navigation.register(*ENTRIES)
        notifications.register(*KINDS)
        policies.register(ics.NAMES, *attempts.POLICIES, *planning.POLICIES, *reminding.POLICIES)
        policies.register(*snooze_limits.POLICIES)
        runs.register(by_hand.RUN)
        periodic.every_minute(
            {
                "visits.notifications.tasks.sweep": _("Sends what waits to be sent"),
                "visits.notifications.tasks.tick_reminders": _("Reminds of callbacks"),
                "visits.planning.tasks.sweep_planning": _("Takes up planning that was left"),
                "visits.integration.tasks.tick_planning": _("Plans callbacks each night"),
                "visits.scripts.tasks.count_talking_points": _("Counts what led on in talks"),
            }
        )
        # Addresses of employees may hang: what is sent there waits in a queue of its own.
        periodic.route("visits.notifications.tasks.deliver_outside", queue="outside")
        periodic.parts.register(
            periodic.Part(
                "planning",
                label=_("Planning"),
                silent=_("Planning is stuck: callbacks may be missing or out of date."),
                works_again=_("Planning works again."),
                cause=30,
            ),
            periodic.Part(
                "dispatch",
                label=_("Dispatch"),
                silent=_("Reminders lie unsent for more than ten minutes."),
                works_again=_("Reminders are being sent again."),
                cause=40,
            ),
        )
        registry.register("visit", VisitPart(), OFFER)
        absence_changed.register("visits", 20, operations.plan_around_absence)
        account_opened.register("visits", 20, operations.plan_new_account)
        client_saved.register("visits", 20, operations.plan_saved_client)
        segment_added.register("visits", 20, operations.copy_plan)
        segments_set.register("visits", 20, operations.plan_segments_set)
        merge.register("visits", 20, operations.join_callbacks)
        unmerge.register("visits", 20, operations.split_callbacks)
        hand_over.register("visits", 20, operations.follow_clients)
        named.open_work.register("visits", 20, operations.count_callbacks)
        undo_import.register("visits.void", 20, operations.void_imported_visits)
        undo_import.register("visits.plan", 90, operations.plan_undone_clients)
        employee_left.register("visits", 20, operations.release_callbacks)
        named.purge.register("visits.keep", 20, integration_operations.keep_awaited)
        jobs.register(
            endpoints.KIND, endpoints.run_test, template="visits/notifications/job_address.html"
        )
        panels.register()
        parts.register(client_list.PART)
        timeline.register()
