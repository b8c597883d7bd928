"""Addresses of lists."""

from django.urls import path

from visits.lists import bulk_views, views

urlpatterns = [
    path("callbacks/", views.callbacks, name="callbacks"),
    path("callbacks/filters/", views.callback_filters, name="callback_filters"),
    path("callbacks/bulk/", bulk_views.change_callbacks, name="change_callbacks"),
    path("visits/", views.visits, name="list"),
    path("visits/filters/", views.visit_filters, name="visit_filters"),
]
