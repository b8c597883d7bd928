"""The typed request of views behind login, and the answer that says why nothing was done."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from crm.navigation import Waiting
from staff.models import Employee


class StaffRequest(HttpRequest):
    """A request whose user is an employee; LoginRequiredMiddleware guarantees it."""

    user: Employee
    htmx: HtmxDetails
    # What a page has counted already of what stands beside a place of the frame, by its address.
    counted: dict[str, Waiting]


def employee_of(request: HttpRequest) -> Employee:
    """Who asks, where Django or a registry hands on a plain request.

    Raises PermissionDenied where nobody is logged in.
    """
    if not isinstance(request.user, Employee):
        raise PermissionDenied
    return request.user


def local(request: HttpRequest, url: str) -> str:
    """``url`` where it stays on this site, else ''."""
    safe = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if safe else ""


def refusal(request: StaffRequest, sentence: str, *, status: int = 409) -> HttpResponse:
    """Nothing was done: a page that says why, with the way back to where it was asked for.

    To htmx the sentence alone, which crm.js shows as a message above the page that stays.
    """
    if request.htmx:
        return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
    context = {"sentence": sentence, "back": local(request, request.headers.get("Referer", ""))}
    return render(request, "refusal.html", context, status=status)
