"""The typed request of views behind login."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from staff.models import Employee


class StaffRequest(HttpRequest):
    """A request whose user is an employee; LoginRequiredMiddleware guarantees it."""

    user: Employee
    htmx: HtmxDetails
