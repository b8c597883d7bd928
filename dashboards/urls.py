"""Addresses of dashboards."""

from django.urls import include, path

app_name = "dashboards"

urlpatterns = [
    path("", include("dashboards.board.urls")),
    path("", include("dashboards.conversion.urls")),
]
