from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PipelineConfig(AppConfig):
    name = "pipeline"
    verbose_name = _("Pipeline")

    def ready(self) -> None:
        from crm import navigation, notifications, periodic, policies, runs
        from crm.database_roles import keep
        from crm.operations import merge, open_work, prospect_recorded, purge, undo_import, unmerge
        from pipeline.integration import operations, panels, timeline
        from pipeline.integration.navigation import ENTRIES
        from pipeline.notification_kinds import KINDS
        from pipeline.ranking import policies as ranking
        from pipeline.retention import by_hand
        from pipeline.retention import policies as keeping
        from pipeline.retention import services as retention

        keep("pipeline.Opportunity", "pipeline.StageMove")
        navigation.register(*ENTRIES)
        notifications.register(*KINDS)
        policies.register(*ranking.POLICIES, *keeping.POLICIES)
        runs.register(by_hand.RUN)
        periodic.every_minute(
            {
                "pipeline.ranking.tasks.tick_ranking": _("Ranks opportunities that changed"),
                "pipeline.ranking.tasks.tick_ranking_training": _("Trains the ranking when due"),
                "pipeline.retention.tasks.tick_retention": _("Purges prospects each night"),
            }
        )
        panels.register()
        timeline.register()
        prospect_recorded.register("pipeline", 30, operations.begin)
        open_work.register("pipeline", 30, operations.count_opportunities)
        merge.register("pipeline", 30, operations.join_opportunities)
        merge.register("pipeline.origins", 31, operations.join_origins)
        unmerge.register("pipeline", 30, operations.split_opportunities)
        unmerge.register("pipeline.origins", 31, operations.split_origins)
        undo_import.register("pipeline", 30, operations.keep_clients_with_opportunities)
        undo_import.register("pipeline.origins", 31, operations.keep_clients_worked_with)
        purge.register("pipeline.keep", 40, retention.keep_in_progress)
        purge.register("pipeline.count", 60, retention.count_gone)
