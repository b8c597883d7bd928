"""Addresses of figures."""

from django.urls import path

from clients.figures import views

urlpatterns = [
    path("figures/", views.imports, name="figure_imports"),
    path("figures/<uuid:public_id>/", views.report, name="figure_import"),
    path("figures/<uuid:public_id>/load/", views.load, name="load_figures"),
]
