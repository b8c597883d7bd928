"""Pages of one's own: settings, notifications, language and theme."""

from django.urls import path

from staff import views

app_name = "staff"

urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/language/", views.set_language, name="set_language"),
    path("me/theme/", views.set_theme, name="set_theme"),
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read/", views.mark_all_read, name="mark_all_read"),
    path("notifications/unread/", views.unread, name="unread"),
    path("notifications/<int:pk>/", views.open_notification, name="open_notification"),
]
