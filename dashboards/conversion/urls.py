"""Addresses of conversion."""

from django.urls import path

from dashboards.conversion import views

urlpatterns = [
    path("board/conversion/", views.conversion, name="conversion"),
]
