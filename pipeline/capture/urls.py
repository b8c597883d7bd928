"""Addresses of capture."""

from django.urls import path

from pipeline.capture import origin_views, public_views, views

urlpatterns = [
    path("prospects/new/", views.capture, name="capture"),
    path("clients/<uuid:public_id>/origin/", origin_views.origin, name="origin"),
    path("prospects/qr/", views.qr, name="qr"),
    path("prospects/qr/<int:pk>/revoke/", views.revoke_qr, name="revoke_qr"),
    path("p/<str:token>/", public_views.public_form, name="public_form"),
]
