"""Addresses of segments."""

from django.urls import path

from clients.segments import views

urlpatterns = [
    path("segments/", views.segments, name="segments"),
    path("segments/new/", views.add_segment, name="add_segment"),
    path("segments/<int:pk>/", views.edit_segment, name="edit_segment"),
]
