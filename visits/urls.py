"""Addresses of visits and callbacks."""

from django.urls import URLPattern, path

from visits import views

app_name = "visits"

urlpatterns: list[URLPattern] = [
    path("today/", views.today, name="today"),
    path("today/sheet/", views.day_sheet, name="sheet"),
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/feed/", views.feed_settings, name="feed"),
    path("feed/<str:token>.ics", views.feed, name="feed_file"),
    path("callbacks/", views.callbacks, name="callbacks"),
    path("callbacks/escalated/", views.escalations, name="escalations"),
    path("callbacks/<uuid:public_id>/", views.callback, name="callback"),
    path("callbacks/<uuid:public_id>/draft/", views.draft_of_callback, name="draft"),
    path("clients/<uuid:public_id>/draft/", views.draft_of_client, name="client_draft"),
    path("callbacks/<uuid:public_id>/dial/", views.dial, name="dial"),
    path("callbacks/<uuid:public_id>/snooze/", views.snooze, name="snooze"),
    path("callbacks/<uuid:public_id>/cancel/", views.cancel, name="cancel"),
    path("callbacks/<uuid:public_id>/move/", views.move, name="move"),
    path("callbacks/<uuid:public_id>/reassign/", views.reassign, name="reassign"),
    path("callbacks/<uuid:public_id>/appointment/", views.appointment, name="appointment"),
    path("callbacks/<uuid:public_id>/invitation.ics", views.invitation, name="invitation"),
    path("callbacks/<uuid:public_id>/invitation/", views.mail_invitation, name="mail_invitation"),
    path("clients/<uuid:public_id>/appointment/", views.book, name="book"),
    path("callbacks/<uuid:public_id>/why/", views.why, name="why"),
    path("clients/<uuid:public_id>/occasions/", views.occasions, name="occasions"),
    path("occasions/<int:pk>/void/", views.void, name="void_occasion"),
    path("clients/<uuid:public_id>/record/", views.record, name="record"),
    path("clients/<uuid:public_id>/callback/", views.plan_callback, name="plan_callback"),
    path("clients/<uuid:public_id>/visits/", views.timeline, name="timeline"),
    path("clients/<uuid:public_id>/household/", views.household, name="household"),
    path("visits/", views.visits, name="list"),
    path("visits/<uuid:public_id>/", views.visit, name="visit"),
    path("visits/<uuid:public_id>/correct/", views.correct, name="correct"),
    path("scripts/", views.scripts, name="scripts"),
    path("scripts/<int:pk>/", views.script, name="script"),
    path("scripts/<int:pk>/edit/", views.edit_script, name="edit_script"),
    path("scripts/<int:pk>/copy/", views.copy_script, name="copy_script"),
    path("me/addresses/", views.addresses, name="addresses"),
    path("me/quiet/", views.quiet_hours, name="quiet_hours"),
    path("me/addresses/<int:pk>/test/", views.test_address, name="test_address"),
    path("me/addresses/<int:pk>/switch/", views.switch_address, name="switch_address"),
    path("me/addresses/<int:pk>/remove/", views.remove_address, name="remove_address"),
    path("deliveries/", views.deliveries, name="deliveries"),
    path("deliveries/<int:pk>/retry/", views.retry_delivery, name="retry_delivery"),
    path("plans/", views.plans, name="plans"),
    path("plans/<int:pk>/", views.plan, name="plan"),
]
