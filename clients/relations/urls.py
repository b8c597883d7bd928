"""Addresses of relations."""

from django.urls import path

from clients.relations import views

urlpatterns = [
    path("clients/<uuid:public_id>/relations/", views.relations, name="relations"),
    path("clients/<uuid:public_id>/relations/add/", views.relate, name="relate"),
    path("clients/<uuid:public_id>/relations/change/", views.unrelate, name="unrelate"),
    path("clients/<uuid:public_id>/contacts/", views.add_contact, name="add_contact"),
    path("clients/<uuid:public_id>/contacts/<int:pk>/end/", views.end_contact, name="end_contact"),
]
