"""Addresses of board."""

from django.urls import path

from pipeline.board import move_views, views

urlpatterns = [
    path("pipeline/", views.board, name="board"),
    path("pipeline/list/", views.opportunities, name="opportunities"),
    path("pipeline/<uuid:public_id>/move/", move_views.move_to, name="move"),
    path("pipeline/<uuid:public_id>/undo/", move_views.undo, name="undo_move"),
    path("pipeline/calendar/", views.calendar_page, name="calendar"),
    path("pipeline/column/", views.column, name="column"),
    path("pipeline/<uuid:public_id>/drop/", views.drop, name="drop"),
]
