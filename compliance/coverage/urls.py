"""Addresses of coverage."""

from django.urls import path

from compliance.coverage import views

urlpatterns = [
    path("compliance/coverage/", views.coverage, name="coverage"),
    path("compliance/coverage/<int:year>/", views.clients, name="year_end"),
    path("compliance/coverage/<int:year>/new-accounts/", views.new_accounts, name="new_accounts"),
]
