"""Addresses of ranking."""

from django.urls import path

from pipeline.ranking import views

urlpatterns = [
    path("pipeline/next/", views.contact_next, name="next"),
    path("pipeline/next/<uuid:public_id>/", views.next_why, name="next_why"),
    path("pipeline/next/<uuid:public_id>/release/", views.next_release, name="next_release"),
    path("pipeline/ranking/", views.ranking, name="ranking"),
]
