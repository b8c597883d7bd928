"""Addresses of importing."""

from django.urls import path

from clients.importing import views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/<uuid:public_id>/", views.import_file, name="import_file"),
    path("imports/<uuid:public_id>/start/", views.start_import, name="start_import"),
    path("imports/<uuid:public_id>/undo/", views.undo_import, name="undo_import"),
]
