"""Addresses of putting callbacks off."""

from django.urls import path

from visits.snoozing import views

urlpatterns = [
    path("callbacks/<uuid:public_id>/snooze/", views.snooze, name="snooze"),
    path("callbacks/<uuid:public_id>/snooze/decide/", views.decide, name="decide_snooze"),
]
