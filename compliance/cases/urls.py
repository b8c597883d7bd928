"""Addresses of cases."""

from django.urls import path

from compliance.cases import views

urlpatterns = [
    path("compliance/cases/", views.cases, name="cases"),
    path("compliance/cases/<uuid:public_id>/", views.case, name="case"),
    path("compliance/cases/<uuid:public_id>/note/", views.note, name="note"),
    path("compliance/cases/<uuid:public_id>/close/", views.close, name="close_case"),
]
