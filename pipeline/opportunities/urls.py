"""Addresses of opportunities."""

from django.urls import path

from pipeline.opportunities import views

urlpatterns = [
    path("pipeline/<uuid:public_id>/", views.detail, name="detail"),
    path("pipeline/<uuid:public_id>/edit/", views.edit, name="edit"),
    path("pipeline/<uuid:public_id>/assess/<slug:which>/", views.assess, name="assess"),
    path("clients/<uuid:public_id>/opportunity/", views.create, name="create"),
]
