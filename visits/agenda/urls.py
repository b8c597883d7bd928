"""Addresses of agenda."""

from django.urls import path

from visits.agenda import (
    appointment_views,
    bulk_views,
    calendar_views,
    day_sheet_views,
    ical_views,
    today_views,
)

urlpatterns = [
    path("today/", today_views.today, name="today"),
    path("today/sheet/", day_sheet_views.day_sheet, name="sheet"),
    path("calendar/", calendar_views.calendar, name="calendar"),
    path("calendar/feed/", ical_views.feed_settings, name="feed"),
    path("feed/<str:token>.ics", ical_views.feed, name="feed_file"),
    path("callbacks/bulk/", bulk_views.change_callbacks, name="change_callbacks"),
    path("callbacks/<uuid:public_id>/move/", calendar_views.move, name="move"),
    path("callbacks/<uuid:public_id>/reassign/", calendar_views.reassign, name="reassign"),
    path(
        "callbacks/<uuid:public_id>/appointment/", appointment_views.appointment, name="appointment"
    ),
    path("callbacks/<uuid:public_id>/invitation.ics", ical_views.invitation, name="invitation"),
    path(
        "callbacks/<uuid:public_id>/invitation/", ical_views.mail_invitation, name="mail_invitation"
    ),
    path("clients/<uuid:public_id>/appointment/", appointment_views.book, name="book"),
]
