"""The typed request of views behind login."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from staff.models import Employee


class StaffRequest(HttpRequest):
    """A request whose user is an employee; LoginRequiredMiddleware guarantees it."""

    user: Employee
    htmx: HtmxDetails


def employee_of(request: HttpRequest) -> Employee:
    """Who asks, where Django or a registry hands on a plain request.

    Raises PermissionDenied where nobody is logged in.
    """
    if not isinstance(request.user, Employee):
        raise PermissionDenied
    return request.user
