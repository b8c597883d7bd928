"""Addresses of clients."""

from django.urls import include, path

app_name = "clients"

urlpatterns = [
    path("", include("clients.accounts.urls")),
    path("", include("clients.consents.urls")),
    path("", include("clients.directory.urls")),
    path("", include("clients.documents.urls")),
    path("", include("clients.exporting.urls")),
    path("", include("clients.figures.urls")),
    path("", include("clients.file.urls")),
    path("", include("clients.handovers.urls")),
    path("", include("clients.importing.urls")),
    path("", include("clients.in_place.urls")),
    path("", include("clients.merging.urls")),
    path("", include("clients.relations.urls")),
    path("", include("clients.segments.urls")),
]
