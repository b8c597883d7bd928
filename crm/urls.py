"""Addresses: each room is included by name only."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path, re_path

from crm.views import healthz, not_here

# Of allauth's addresses those that the product has: nobody adds a mailbox of their own, through
# which an unlocked desk would give away the password.
logins = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    # The page above sends whoever has no password here.
    path("password/set/", not_here, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("accounts/", include(logins)),
    path("admin/", admin.site.urls),
    path("", include("staff.home")),
    path("", include("staff.urls")),
    path("", include("clients.urls")),
    path("", include("visits.urls")),
    path("", include("pipeline.urls")),
    path("", include("compliance.urls")),
    path("", include("dashboards.urls")),
]
