"""Addresses of dashboards."""

from django.urls import URLPattern, path

from dashboards import views

app_name = "dashboards"

urlpatterns: list[URLPattern] = [path("board/", views.board, name="board")]
