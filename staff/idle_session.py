"""Whoever does nothing for a while is logged out; what a page asks by itself is not doing something.

Classified protection of cybersecurity (GB/T 22239-2019) is understood to ask for it; unverified. The
number of minutes is the firm's own.
"""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from staff.models import Employee

_SEEN = "seen"
_SINCE = "logged_in"
# A session is written at most once in so many seconds.
_GRAIN = 60


class IdleMiddleware:
    """Ends a session after SESSION_IDLE_AGE seconds without an act, or SESSION_COOKIE_AGE in all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            _look(request, request.user)
        return self.get_response(request)


def begin(request: HttpRequest) -> None:
    """Note the time of a login."""
    request.session[_SEEN] = request.session[_SINCE] = int(time.time())


def _look(request: HttpRequest, employee: Employee) -> None:
    now = int(time.time())
    since = int(employee.last_login.timestamp()) if employee.last_login else now
    idle = now - request.session.get(_SEEN, since)
    if settings.SESSION_IDLE_AGE and idle > settings.SESSION_IDLE_AGE:
        minutes = settings.SESSION_IDLE_AGE // 60
        text = ngettext(
            "You were logged out after %(count)d minute without activity.",
            "You were logged out after %(count)d minutes without activity.",
            minutes,
        )
        messages.info(request, text % {"count": minutes})
        logout(request)
    elif now - request.session.get(_SINCE, since) > settings.SESSION_COOKIE_AGE:
        logout(request)
    elif idle >= _GRAIN and request.headers.get("X-Background") != "1":
        request.session[_SEEN] = now
