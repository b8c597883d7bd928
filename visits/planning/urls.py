"""Addresses of planning."""

from django.urls import path

from visits.planning import views

urlpatterns = [
    path("callbacks/<uuid:public_id>/why/", views.why, name="why"),
    path("clients/<uuid:public_id>/occasions/", views.occasions, name="occasions"),
    path("occasions/<int:pk>/void/", views.void, name="void_occasion"),
]
