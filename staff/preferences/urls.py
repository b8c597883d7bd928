"""Addresses of preferences."""

from django.urls import path

from staff.preferences import views

urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/language/", views.set_language, name="set_language"),
    path("me/theme/", views.set_theme, name="set_theme"),
]
