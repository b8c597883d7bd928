"""Addresses of channels."""

from django.urls import path

from pipeline.channels import referral_views, views

urlpatterns = [
    path("channels/", views.channels, name="channels"),
    path("channels/new/", views.create_channel, name="create_channel"),
    path("channels/work/", views.enter_work, name="enter_work"),
    path("channels/work/<int:pk>/", views.edit_work, name="edit_work"),
    path("channels/<int:pk>/", views.channel, name="channel"),
    path("channels/<int:pk>/edit/", views.edit_channel, name="edit_channel"),
    path("channels/<int:pk>/close/", views.close_channel, name="close_channel"),
    path("leads/", views.leads, name="leads"),
    path("referrals/", referral_views.referrals, name="referrals"),
    path("clients/<uuid:public_id>/thanks/", referral_views.thank, name="thank"),
]
