"""Addresses of accounts."""

from django.urls import path

from clients.accounts import views

urlpatterns = [
    path("clients/<uuid:public_id>/accounts/", views.accounts, name="accounts"),
    path("clients/<uuid:public_id>/accounts/new/", views.add, name="add_account"),
    path("clients/<uuid:public_id>/accounts/<int:pk>/", views.edit, name="edit_account"),
]
