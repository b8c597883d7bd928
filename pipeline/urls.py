"""Addresses of pipeline."""

from django.urls import URLPattern, path

from pipeline import ranking_views, views

app_name = "pipeline"

urlpatterns: list[URLPattern] = [
    path("pipeline/", views.board, name="board"),
    path("pipeline/list/", views.opportunities, name="opportunities"),
    path("pipeline/<uuid:public_id>/", views.detail, name="detail"),
    path("pipeline/<uuid:public_id>/edit/", views.edit, name="edit"),
    path("pipeline/<uuid:public_id>/move/", views.move_to, name="move"),
    path("clients/<uuid:public_id>/opportunity/", views.create, name="create"),
    path("pipeline/next/", ranking_views.contact_next, name="next"),
    path("pipeline/next/<uuid:public_id>/", ranking_views.next_why, name="next_why"),
    path(
        "pipeline/next/<uuid:public_id>/release/", ranking_views.next_release, name="next_release"
    ),
    path("pipeline/ranking/", ranking_views.ranking, name="ranking"),
]
