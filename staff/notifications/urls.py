"""Addresses of notifications."""

from django.urls import path

from staff.notifications import views

urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read/", views.mark_all_read, name="mark_all_read"),
    path("notifications/unread/", views.unread, name="unread"),
    path("notifications/<int:pk>/", views.open_notification, name="open_notification"),
]
