"""Addresses of jobs."""

from django.urls import path

from staff.jobs import run_views, views

urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<uuid:public_id>/", views.job, name="job"),
    path("jobs/<uuid:public_id>/cancel/", views.cancel_job, name="cancel_job"),
    path("jobs/<uuid:public_id>/files/<int:pk>/", views.job_file, name="job_file"),
    path("runs/", run_views.runs, name="runs"),
    path("runs/<slug:key>/try/", run_views.try_run, name="try_run"),
    path("runs/<slug:key>/start/<uuid:trial>/", run_views.start_run, name="start_run"),
]
