"""The root address, outside the namespace of the room: every part names it ``home``."""

from django.urls import path

from staff.preferences.views import home

urlpatterns = [path("", home, name="home")]
