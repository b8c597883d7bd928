from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PipelineConfig(AppConfig):
    name = "pipeline"
    verbose_name = _("Pipeline")

    def ready(self) -> None:
        from crm.operations import merge, purge, undo_import, unmerge
        from pipeline.integration import operations
        from pipeline.integration import operations as campaigns_merge
        from pipeline.integration import panels as campaigns_panels
        from pipeline.integration import panels as capture_panels
        from pipeline.integration import panels as frames
        from pipeline.integration import timeline as stream
        from pipeline.retention import services as retention

        undo_import.register("pipeline", 30, operations.keep_clients_with_opportunities)
        frames.register()
        stream.register()
        merge.register("pipeline", 30, operations.join_opportunities)
        unmerge.register("pipeline", 30, operations.split_opportunities)
        purge.register("pipeline.keep", 40, retention.keep_in_progress)
        purge.register("pipeline.count", 60, retention.count_gone)
        capture_panels.register()
        campaigns_panels.register()
        merge.register("pipeline.origins", 31, campaigns_merge.join_origins)
        unmerge.register("pipeline.origins", 31, campaigns_merge.split_origins)
        undo_import.register("pipeline.origins", 31, campaigns_merge.keep_clients_worked_with)
