"""Addresses of plans."""

from django.urls import path

from visits.plans import views

urlpatterns = [
    path("plans/", views.plans, name="plans"),
    path("plans/<int:pk>/", views.plan, name="plan"),
]
