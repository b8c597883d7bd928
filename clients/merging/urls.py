"""Addresses of merging."""

from django.urls import path

from clients.merging import views

urlpatterns = [
    path("duplicates/", views.duplicates, name="duplicates"),
    path("duplicates/<uuid:left>/<uuid:right>/", views.pair, name="pair"),
    path("merges/<int:pk>/undo/", views.undo_merge, name="undo_merge"),
]
