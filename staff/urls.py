"""Pages of one's own: settings, notifications, language and theme."""

from django.urls import path

from staff.absences import views as views_absences
from staff.jobs import views as views_jobs
from staff.preferences import views

app_name = "staff"

urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/language/", views.set_language, name="set_language"),
    path("me/theme/", views.set_theme, name="set_theme"),
    path("absences/", views_absences.absences, name="absences"),
    path("absences/new/", views_absences.enter_absence, name="enter_absence"),
    path("absences/<int:pk>/cancel/", views_absences.cancel_absence, name="cancel_absence"),
    path("jobs/", views_jobs.jobs, name="jobs"),
    path("jobs/<uuid:public_id>/", views_jobs.job, name="job"),
    path("jobs/<uuid:public_id>/cancel/", views_jobs.cancel_job, name="cancel_job"),
    path("jobs/<uuid:public_id>/files/<int:pk>/", views_jobs.job_file, name="job_file"),
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read/", views.mark_all_read, name="mark_all_read"),
    path("notifications/unread/", views.unread, name="unread"),
    path("notifications/<int:pk>/", views.open_notification, name="open_notification"),
]
