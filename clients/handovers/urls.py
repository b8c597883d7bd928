"""Addresses of handovers."""

from django.urls import path

from clients.handovers import views

urlpatterns = [
    path("hand-overs/", views.hand_overs, name="hand_overs"),
    path("hand-overs/new/", views.ask_hand_over, name="ask_hand_over"),
    path("hand-overs/<int:pk>/", views.hand_over, name="hand_over"),
    path("hand-overs/<int:pk>/decide/", views.decide_hand_over, name="decide_hand_over"),
]
