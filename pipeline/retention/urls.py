"""Addresses of retention."""

from django.urls import path

from pipeline.retention import views

urlpatterns = [
    path("prospects/expiring/", views.expiring, name="expiring"),
    path("prospects/<uuid:public_id>/hold/", views.hold, name="hold"),
]
