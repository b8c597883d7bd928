"""Addresses of absences."""

from django.urls import path

from staff.absences import views

urlpatterns = [
    path("absences/", views.absences, name="absences"),
    path("absences/new/", views.enter_absence, name="enter_absence"),
    path("absences/<int:pk>/cancel/", views.cancel_absence, name="cancel_absence"),
]
