"""Addresses of compliance."""

from django.urls import URLPattern, path

from compliance.cases import views as cases
from compliance.coverage import views as coverage
from compliance.return_visits import views as visits
from compliance.visitors import views as visitors

app_name = "compliance"

urlpatterns: list[URLPattern] = [
    path("compliance/visits/", visits.visits, name="visits"),
    path("compliance/visits/<uuid:public_id>/", visits.visit, name="visit"),
    path("compliance/visits/<uuid:public_id>/dial/", visits.dial, name="dial"),
    path("compliance/visits/<uuid:public_id>/review/", visits.review, name="review"),
    path("compliance/visits/<uuid:public_id>/assign/", visits.assign, name="assign"),
    path("compliance/visits/<uuid:public_id>/close/", visits.close, name="close"),
    path("clients/<uuid:public_id>/return-visit/", visits.plan, name="plan"),
    path("compliance/cases/", cases.cases, name="cases"),
    path("compliance/cases/<uuid:public_id>/", cases.case, name="case"),
    path("compliance/cases/<uuid:public_id>/note/", cases.note, name="note"),
    path("compliance/cases/<uuid:public_id>/close/", cases.close, name="close_case"),
    path("compliance/coverage/", coverage.coverage, name="coverage"),
    path("compliance/coverage/<int:year>/", coverage.clients, name="year_end"),
    path("compliance/visitors/", visitors.visitors, name="visitors"),
    path("compliance/visitors/<int:pk>/end/", visitors.end, name="end_visitor"),
]
