"""How allauth behaves here: logins are made by administrators, and logging in is no news."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from staff.idle_session import begin
from staff.models import Employee

_SILENT = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}


class AccountAdapter(DefaultAccountAdapter):
    """The adapter that settings.ACCOUNT_ADAPTER names."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody registers by themselves."""
        return False

    def login(self, request: HttpRequest, user: Employee) -> None:
        """The clock of staff/idle_session.py starts with the session."""
        super().login(request, user)
        begin(request)

    def set_password(self, user: Employee, password: str) -> None:
        """The password is one's own from here on."""
        user.must_change_password = False
        super().set_password(user, password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """To work, not to the same form."""
        return reverse("home")

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """No toast for what the page shows anyway."""
        if message_template not in _SILENT:
            super().add_message(request, level, message_template, *args, **kwargs)
