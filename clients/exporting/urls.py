"""Addresses of exporting."""

from django.urls import path

from clients.exporting import views

urlpatterns = [
    path("clients/export/", views.export_clients, name="export"),
    path("exports/", views.exports, name="exports"),
    path("exports/<uuid:public_id>/decide/", views.decide_export, name="decide_export"),
]
