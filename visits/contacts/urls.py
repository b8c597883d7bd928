"""Addresses of contacts."""

from django.urls import path

from visits.contacts import callback_views, dial_views, draft_views, timeline_views, views

urlpatterns = [
    path("callbacks/<uuid:public_id>/", views.callback, name="callback"),
    path("callbacks/<uuid:public_id>/draft/", draft_views.draft_of_callback, name="draft"),
    path("clients/<uuid:public_id>/draft/", draft_views.draft_of_client, name="client_draft"),
    path("callbacks/<uuid:public_id>/dial/", dial_views.dial, name="dial"),
    path("clients/<uuid:public_id>/call/", dial_views.call, name="call"),
    path("clients/<uuid:public_id>/dial/", dial_views.dial_client, name="dial_client"),
    path("callbacks/<uuid:public_id>/cancel/", callback_views.cancel, name="cancel"),
    path("clients/<uuid:public_id>/record/", views.record, name="record"),
    path("clients/<uuid:public_id>/callback/", callback_views.plan_callback, name="plan_callback"),
    path("clients/<uuid:public_id>/visits/", timeline_views.timeline, name="timeline"),
    path("clients/<uuid:public_id>/household/", timeline_views.household, name="household"),
    path("visits/<uuid:public_id>/", views.visit, name="visit"),
    path("visits/<uuid:public_id>/correct/", views.correct, name="correct"),
]
