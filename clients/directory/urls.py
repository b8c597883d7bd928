"""Addresses of directory."""

from django.urls import path

from clients.directory import bulk_views, views

urlpatterns = [
    path("clients/", views.client_list, name="list"),
    path("clients/filters/", views.list_filters, name="filters"),
    path("clients/search/", views.search_hits, name="search"),
    path("clients/bulk/", bulk_views.change_many, name="change_many"),
    path("clients/bulk/<int:pk>/undo/", bulk_views.undo_many, name="undo_many"),
    path("clients/views/", bulk_views.save_view, name="save_view"),
    path("clients/views/<int:pk>/delete/", bulk_views.delete_view, name="delete_view"),
]
