"""Addresses of dashboards."""

from django.urls import URLPattern, path

from dashboards.board import views
from dashboards.conversion import views as conversion_views

app_name = "dashboards"

urlpatterns: list[URLPattern] = [
    path("board/", views.board, name="board"),
    path("board/conversion/", conversion_views.conversion, name="conversion"),
]
