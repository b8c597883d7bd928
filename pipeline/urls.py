"""Addresses of pipeline."""

from django.urls import URLPattern, path

from pipeline.board import views as board_views
from pipeline.campaigns import check_in_views
from pipeline.campaigns import views as campaigns_views
from pipeline.capture import origin_views, public_views
from pipeline.capture import views as capture_views
from pipeline.channels import referral_views as referrals_views
from pipeline.channels import views as channels_views
from pipeline.opportunities import views
from pipeline.ranking import views as ranking_views
from pipeline.retention import views as retention_views

app_name = "pipeline"

urlpatterns: list[URLPattern] = [
    path("pipeline/", board_views.board, name="board"),
    path("pipeline/list/", board_views.opportunities, name="opportunities"),
    path("pipeline/<uuid:public_id>/", views.detail, name="detail"),
    path("pipeline/<uuid:public_id>/edit/", views.edit, name="edit"),
    path("pipeline/<uuid:public_id>/move/", views.move_to, name="move"),
    path("pipeline/<uuid:public_id>/assess/<slug:which>/", views.assess, name="assess"),
    path("clients/<uuid:public_id>/opportunity/", views.create, name="create"),
    path("pipeline/calendar/", board_views.calendar_page, name="calendar"),
    path("pipeline/column/", board_views.column, name="column"),
    path("pipeline/<uuid:public_id>/drop/", board_views.drop, name="drop"),
    path("prospects/new/", capture_views.capture, name="capture"),
    path("clients/<uuid:public_id>/origin/", origin_views.origin, name="origin"),
    path("prospects/qr/", capture_views.qr, name="qr"),
    path("prospects/qr/<int:pk>/revoke/", capture_views.revoke_qr, name="revoke_qr"),
    path("prospects/expiring/", retention_views.expiring, name="expiring"),
    path("prospects/<uuid:public_id>/hold/", retention_views.hold, name="hold"),
    path("p/<str:token>/", public_views.public_form, name="public_form"),
    path("pipeline/next/", ranking_views.contact_next, name="next"),
    path("pipeline/next/<uuid:public_id>/", ranking_views.next_why, name="next_why"),
    path(
        "pipeline/next/<uuid:public_id>/release/", ranking_views.next_release, name="next_release"
    ),
    path("pipeline/ranking/", ranking_views.ranking, name="ranking"),
    path("channels/", channels_views.channels, name="channels"),
    path("channels/new/", channels_views.create_channel, name="create_channel"),
    path("channels/work/", channels_views.enter_work, name="enter_work"),
    path("channels/work/<int:pk>/", channels_views.edit_work, name="edit_work"),
    path("channels/<int:pk>/", channels_views.channel, name="channel"),
    path("channels/<int:pk>/edit/", channels_views.edit_channel, name="edit_channel"),
    path("channels/<int:pk>/close/", channels_views.close_channel, name="close_channel"),
    path("leads/", channels_views.leads, name="leads"),
    path("campaigns/", campaigns_views.campaigns, name="campaigns"),
    path("campaigns/new/", campaigns_views.create_campaign, name="create_campaign"),
    path("campaigns/walk-in/", check_in_views.walk_in, name="walk_in"),
    path("campaigns/<uuid:public_id>/", campaigns_views.campaign, name="campaign"),
    path("campaigns/<uuid:public_id>/edit/", campaigns_views.edit_campaign, name="edit_campaign"),
    path("campaigns/<uuid:public_id>/invite/", campaigns_views.invite, name="invite"),
    path("campaigns/<uuid:public_id>/hold/", campaigns_views.hold, name="hold_campaign"),
    path("campaigns/<uuid:public_id>/cancel/", campaigns_views.cancel, name="cancel_campaign"),
    path("campaigns/<uuid:public_id>/opened/", campaigns_views.opened, name="campaign_opened"),
    path("campaigns/<uuid:public_id>/check-in/", check_in_views.check_in, name="check_in"),
    path("invitations/<int:pk>/reply/", campaigns_views.reply, name="reply"),
    path("invitations/<int:pk>/remove/", campaigns_views.take_off, name="take_off"),
    path("clients/<uuid:public_id>/invite/", campaigns_views.invite_client, name="invite_client"),
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
    path("referrals/", referrals_views.referrals, name="referrals"),
    path("clients/<uuid:public_id>/thanks/", referrals_views.thank, name="thank"),
]
