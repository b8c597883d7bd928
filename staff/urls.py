"""Pages of one's own: settings, notifications, language and theme; the style guide."""

from django.urls import include, path

app_name = "staff"

urlpatterns = [
    path("", include("staff.absences.urls")),
    path("", include("staff.jobs.urls")),
    path("", include("staff.notifications.urls")),
    path("", include("staff.preferences.urls")),
    path("", include("staff.styleguide.urls")),
]
