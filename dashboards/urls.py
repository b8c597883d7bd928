"""Addresses of dashboards."""

from django.urls import URLPattern, path

from dashboards import conversion_views
from dashboards.board import views

app_name = "dashboards"

urlpatterns: list[URLPattern] = [
    path("board/", views.board, name="board"),
    path("board/conversion/", conversion_views.conversion, name="conversion"),
]
