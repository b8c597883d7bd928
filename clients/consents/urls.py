"""Addresses of consents."""

from django.urls import path

from clients.consents import views

urlpatterns = [
    path("clients/<uuid:public_id>/consents/", views.consents, name="consents"),
    path("clients/<uuid:public_id>/consents/give/", views.give_consent, name="give_consent"),
    path(
        "clients/<uuid:public_id>/consents/<int:pk>/withdraw/",
        views.withdraw_consent,
        name="withdraw_consent",
    ),
    path("clients/<uuid:public_id>/wishes/", views.set_wishes, name="set_wishes"),
]
