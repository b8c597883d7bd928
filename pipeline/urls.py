"""Addresses of pipeline."""

from django.urls import include, path

app_name = "pipeline"

urlpatterns = [
    path("", include("pipeline.board.urls")),
    path("", include("pipeline.campaigns.urls")),
    path("", include("pipeline.capture.urls")),
    path("", include("pipeline.channels.urls")),
    path("", include("pipeline.opportunities.urls")),
    path("", include("pipeline.ranking.urls")),
    path("", include("pipeline.retention.urls")),
]
