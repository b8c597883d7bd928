"""Addresses of compliance."""

from django.urls import include, path

app_name = "compliance"

urlpatterns = [
    path("", include("compliance.cases.urls")),
    path("", include("compliance.coverage.urls")),
    path("", include("compliance.return_visits.urls")),
    path("", include("compliance.visitors.urls")),
]
