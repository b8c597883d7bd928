"""Addresses of campaigns."""

from django.urls import path

from pipeline.campaigns import check_in_views, views

urlpatterns = [
    path("campaigns/", views.campaigns, name="campaigns"),
    path("campaigns/new/", views.create_campaign, name="create_campaign"),
    path("campaigns/walk-in/", check_in_views.walk_in, name="walk_in"),
    path("campaigns/<uuid:public_id>/", views.campaign, name="campaign"),
    path("campaigns/<uuid:public_id>/edit/", views.edit_campaign, name="edit_campaign"),
    path("campaigns/<uuid:public_id>/invite/", views.invite, name="invite"),
    path("campaigns/<uuid:public_id>/hold/", views.hold, name="hold_campaign"),
    path("campaigns/<uuid:public_id>/cancel/", views.cancel, name="cancel_campaign"),
    path("campaigns/<uuid:public_id>/opened/", views.opened, name="campaign_opened"),
    path("campaigns/<uuid:public_id>/check-in/", check_in_views.check_in, name="check_in"),
    path("invitations/<int:pk>/reply/", views.reply, name="reply"),
    path("invitations/<int:pk>/remove/", views.take_off, name="take_off"),
    path("clients/<uuid:public_id>/invite/", views.invite_client, name="invite_client"),
    path(
        "clients/<uuid:public_id>/check-in/",
        check_in_views.check_in_client,
        name="check_in_client",
    ),
    path(
        "clients/<uuid:public_id>/check-out/",
        check_in_views.check_out_client,
        name="check_out_client",
    ),
]
