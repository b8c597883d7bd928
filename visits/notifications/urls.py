"""Addresses of notifications."""

from django.urls import path

from visits.notifications import views

urlpatterns = [
    path("callbacks/escalated/", views.escalations, name="escalations"),
    path("me/addresses/", views.addresses, name="addresses"),
    path("me/quiet/", views.quiet_hours, name="quiet_hours"),
    path("me/addresses/<int:pk>/test/", views.test_address, name="test_address"),
    path("me/addresses/<int:pk>/switch/", views.switch_address, name="switch_address"),
    path("me/addresses/<int:pk>/remove/", views.remove_address, name="remove_address"),
    path("deliveries/", views.deliveries, name="deliveries"),
    path("deliveries/<int:pk>/retry/", views.retry_delivery, name="retry_delivery"),
]
