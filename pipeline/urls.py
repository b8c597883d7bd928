"""Addresses of pipeline."""

from django.urls import include, path

app_name = "pipeline"

urlpatterns = [
    path("", include("pipeline.board.selectors.urls")),
    path("", include("pipeline.campaigns.services.urls")),
    path("", include("pipeline.capture.services.urls")),
    path("", include("pipeline.channels.services.urls")),
    path("", include("pipeline.opportunities.urls")),
    path("", include("pipeline.ranking.urls")),
    path("", include("pipeline.retention.services.urls")),
]
