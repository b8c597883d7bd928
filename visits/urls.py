"""Addresses of visits and callbacks."""

from django.urls import URLPattern, path

from visits import views

app_name = "visits"

urlpatterns: list[URLPattern] = [
    path("today/", views.today, name="today"),
    path("callbacks/", views.callbacks, name="callbacks"),
]
