"""The demo firm: invented people for a first look and for measuring. No tables of its own."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"
