"""Addresses: each room is included by name only."""

from django.contrib import admin
from django.urls import include, path

from crm.views import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("", include("staff.home")),
    path("", include("staff.urls")),
    path("", include("clients.urls")),
    path("", include("visits.urls")),
    path("", include("pipeline.urls")),
    path("", include("compliance.urls")),
    path("", include("dashboards.urls")),
]
