"""Addresses of file."""

from django.urls import path

from clients.file import edit_views, views

urlpatterns = [
    path("clients/new/", edit_views.create, name="create"),
    path("clients/<uuid:public_id>/", views.detail, name="detail"),
    path("clients/<uuid:public_id>/panels/<str:key>/", views.panel, name="panel"),
    path("clients/<uuid:public_id>/timeline/", views.stream, name="stream"),
    path("clients/<uuid:public_id>/history/", views.history, name="history"),
    path("clients/<uuid:public_id>/edit/", edit_views.edit, name="edit"),
    path("clients/<uuid:public_id>/segment/", edit_views.segment, name="segment"),
    path("clients/<uuid:public_id>/manager/", edit_views.manager, name="manager"),
    path("clients/<uuid:public_id>/reveal/<slug:kind>/<int:pk>/", views.reveal, name="reveal"),
]
