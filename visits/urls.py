"""Addresses of visits and callbacks."""

from django.urls import include, path

app_name = "visits"

urlpatterns = [
    path("", include("visits.agenda.urls")),
    path("", include("visits.contacts.urls")),
    path("", include("visits.lists.urls")),
    path("", include("visits.notifications.urls")),
    path("", include("visits.planning.urls")),
    path("", include("visits.plans.urls")),
    path("", include("visits.scripts.urls")),
    path("", include("visits.snoozing.urls")),
]
