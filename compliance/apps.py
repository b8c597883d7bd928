from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplianceConfig(AppConfig):
    name = "compliance"
    verbose_name = _("Compliance")

    def ready(self) -> None:
        from compliance.integration import operations, panels
        from compliance.integration import operations as integration_operations
        from compliance.integration.navigation import ENTRIES
        from compliance.notification_kinds import KINDS
        from compliance.planning import by_hand
        from compliance.planning.policies import POLICIES
        from crm import navigation, notifications, periodic, policies, runs
        from crm import operations as named
        from crm.operations import client_saved, employee_left, hand_over, merge, unmerge

        runs.register(*by_hand.RUNS)
        periodic.every_minute(
            {"compliance.planning.tasks.tick": _("Plans return visits each night")}
        )
        navigation.register(*ENTRIES)
        notifications.register(*KINDS)
        policies.register(*POLICIES)
        # Before visits/ cancels what is open of a merged client.
        merge.register("compliance", 15, operations.join_return_visits)
        unmerge.register("compliance", 15, operations.split_return_visits)
        client_saved.register("compliance", 30, operations.release_from_own)
        hand_over.register("compliance", 30, operations.release_handed_over)
        employee_left.register("compliance", 30, operations.end_visitor)
        named.purge.register("compliance.keep", 30, integration_operations.keep_concerned)
        panels.register()
