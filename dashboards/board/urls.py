"""Addresses of board."""

from django.urls import path

from dashboards.board import views

urlpatterns = [
    path("board/", views.board, name="board"),
]
