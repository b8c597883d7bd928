"""Addresses of documents."""

from django.urls import path

from clients.documents import views

urlpatterns = [
    path("clients/<uuid:public_id>/documents/", views.documents, name="documents"),
    path("clients/<uuid:public_id>/documents/add/", views.add_document, name="add_document"),
    path(
        "clients/<uuid:public_id>/documents/<uuid:key>/",
        views.document_file,
        name="document_file",
    ),
    path(
        "clients/<uuid:public_id>/documents/<uuid:key>/void/",
        views.void_document,
        name="void_document",
    ),
]
