"""Addresses of lists."""

from django.urls import path

from visits.lists import views

urlpatterns = [
    path("callbacks/", views.callbacks, name="callbacks"),
    path("callbacks/filters/", views.callback_filters, name="callback_filters"),
    path("visits/", views.visits, name="list"),
    path("visits/filters/", views.visit_filters, name="visit_filters"),
]
