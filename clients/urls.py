"""Addresses of clients."""

from django.urls import include, path

app_name = "clients"

urlpatterns = [
    path("", include("clients.accounts.services.urls")),
    path("", include("clients.consents.services.urls")),
    path("", include("clients.directory.urls")),
    path("", include("clients.documents.services.urls")),
    path("", include("clients.exporting.urls")),
    path("", include("clients.figures.urls")),
    path("", include("clients.file.urls")),
    path("", include("clients.handovers.urls")),
    path("", include("clients.importing.urls")),
    path("", include("clients.merging.services.urls")),
    path("", include("clients.relations.services.urls")),
    path("", include("clients.segments.urls")),
]
