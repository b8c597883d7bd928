"""Addresses of in_place."""

from django.urls import path

from clients.in_place import views

urlpatterns = [
    path("clients/<uuid:public_id>/rows/<slug:key>/", views.row, name="row"),
]
