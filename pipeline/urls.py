"""Addresses of pipeline."""

from django.urls import URLPattern, path

from pipeline import capture_views, public_views, retention_views, views

app_name = "pipeline"

urlpatterns: list[URLPattern] = [
    path("pipeline/", views.board, name="board"),
    path("pipeline/list/", views.opportunities, name="opportunities"),
    path("pipeline/<uuid:public_id>/", views.detail, name="detail"),
    path("pipeline/<uuid:public_id>/edit/", views.edit, name="edit"),
    path("pipeline/<uuid:public_id>/move/", views.move_to, name="move"),
    path("clients/<uuid:public_id>/opportunity/", views.create, name="create"),
    path("prospects/new/", capture_views.capture, name="capture"),
    path("prospects/qr/", capture_views.qr, name="qr"),
    path("prospects/qr/<int:pk>/revoke/", capture_views.revoke_qr, name="revoke_qr"),
    path("prospects/expiring/", retention_views.expiring, name="expiring"),
    path("prospects/<uuid:public_id>/hold/", retention_views.hold, name="hold"),
    path("p/<str:token>/", public_views.public_form, name="public_form"),
]
