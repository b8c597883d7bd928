"""Addresses of lists."""

from django.urls import path

from visits.lists import views

urlpatterns = [
    path("callbacks/", views.callbacks, name="callbacks"),
    path("visits/", views.visits, name="list"),
]
