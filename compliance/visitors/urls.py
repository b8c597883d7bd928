"""Addresses of visitors."""

from django.urls import path

from compliance.visitors import views

urlpatterns = [
    path("compliance/visitors/", views.visitors, name="visitors"),
    path("compliance/visitors/<int:pk>/end/", views.end, name="end_visitor"),
]
