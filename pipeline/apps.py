from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PipelineConfig(AppConfig):
    name = "pipeline"
    verbose_name = _("Pipeline")

    def ready(self) -> None:
        from crm.operations import merge, undo_import, unmerge
        from pipeline import campaigns_merge, campaigns_panels, frames, operations, stream

        undo_import.register("pipeline", 30, operations.keep_clients_with_opportunities)
        frames.register()
        stream.register()
        merge.register("pipeline", 30, operations.join_opportunities)
        unmerge.register("pipeline", 30, operations.split_opportunities)
        campaigns_panels.register()
        merge.register("pipeline.origins", 31, campaigns_merge.join_origins)
        unmerge.register("pipeline.origins", 31, campaigns_merge.split_origins)
        undo_import.register("pipeline.origins", 31, campaigns_merge.keep_clients_worked_with)
