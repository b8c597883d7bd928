"""Addresses of scripts."""

from django.urls import path

from visits.scripts import edit_views, effectiveness_views, views, wording_views

urlpatterns = [
    path("visits/<uuid:public_id>/suggestion/", effectiveness_views.suggestion, name="suggestion"),
    path("suggestions/", effectiveness_views.suggestions, name="suggestions"),
    path("record/", effectiveness_views.lessons, name="lessons"),
    path("clients/<uuid:public_id>/scripts/", wording_views.wordings, name="wordings"),
    path("scripts/", views.scripts, name="scripts"),
    path("scripts/new/", views.add_script, name="add_script"),
    path("scripts/<int:pk>/", views.script, name="script"),
    path("scripts/<int:pk>/edit/", edit_views.edit_script, name="edit_script"),
    path("scripts/<int:pk>/copy/", views.copy_script, name="copy_script"),
]
