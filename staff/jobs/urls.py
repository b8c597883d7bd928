"""Addresses of jobs."""

from django.urls import path

from staff.jobs import views

urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<uuid:public_id>/", views.job, name="job"),
    path("jobs/<uuid:public_id>/cancel/", views.cancel_job, name="cancel_job"),
    path("jobs/<uuid:public_id>/files/<int:pk>/", views.job_file, name="job_file"),
]
