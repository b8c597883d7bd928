"""Addresses of pipeline."""

from django.urls import URLPattern, path

from pipeline import board_views, capture_views, public_views, ranking_views, retention_views, views

app_name = "pipeline"

urlpatterns: list[URLPattern] = [
    path("pipeline/", board_views.board, name="board"),
    path("pipeline/list/", board_views.opportunities, name="opportunities"),
    path("pipeline/<uuid:public_id>/", views.detail, name="detail"),
    path("pipeline/<uuid:public_id>/edit/", views.edit, name="edit"),
    path("pipeline/<uuid:public_id>/move/", views.move_to, name="move"),
    path("pipeline/<uuid:public_id>/assess/<slug:which>/", views.assess, name="assess"),
    path("clients/<uuid:public_id>/opportunity/", views.create, name="create"),
    path("pipeline/calendar/", board_views.calendar_page, name="calendar"),
    path("pipeline/column/", board_views.column, name="column"),
    path("pipeline/<uuid:public_id>/drop/", board_views.drop, name="drop"),
    path("prospects/new/", capture_views.capture, name="capture"),
    path("prospects/qr/", capture_views.qr, name="qr"),
    path("prospects/qr/<int:pk>/revoke/", capture_views.revoke_qr, name="revoke_qr"),
    path("prospects/expiring/", retention_views.expiring, name="expiring"),
    path("prospects/<uuid:public_id>/hold/", retention_views.hold, name="hold"),
    path("p/<str:token>/", public_views.public_form, name="public_form"),
    path("pipeline/next/", ranking_views.contact_next, name="next"),
    path("pipeline/next/<uuid:public_id>/", ranking_views.next_why, name="next_why"),
    path(
        "pipeline/next/<uuid:public_id>/release/", ranking_views.next_release, name="next_release"
    ),
    path("pipeline/ranking/", ranking_views.ranking, name="ranking"),
]
