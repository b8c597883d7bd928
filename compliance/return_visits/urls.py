"""Addresses of return visits."""

from django.urls import path

from compliance.return_visits import views

urlpatterns = [
    path("compliance/visits/", views.visits, name="visits"),
    path("compliance/visits/<uuid:public_id>/", views.visit, name="visit"),
    path("compliance/visits/<uuid:public_id>/dial/", views.dial, name="dial"),
    path("compliance/visits/<uuid:public_id>/review/", views.review, name="review"),
    path("compliance/visits/<uuid:public_id>/assign/", views.assign, name="assign"),
    path("compliance/visits/<uuid:public_id>/close/", views.close, name="close"),
    path("clients/<uuid:public_id>/return-visit/", views.plan, name="plan"),
]
