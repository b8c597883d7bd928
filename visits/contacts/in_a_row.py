"""Calling one after another: from a saved contact straight to the next callback that is due.

The address of a page says that one is in a row (``?row=1``); nothing is stored. The row goes on by
due date, so what is skipped is passed by and stays on Today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from crm import trading_days
from crm.addresses import address
from staff.models import Employee
from visits.models import Callback
from visits.querysets import CallbackQuerySet

QUERY = "?row=1"
# A place in the row: due date and key.
Place = tuple[date, int]


@dataclass(frozen=True)
class Row:
    """What lies ahead behind one callback; ``next_url`` is Today where nothing does."""

    left: int
    next_url: str


def asked(request: HttpRequest) -> bool:
    """Whether the page is one of a row."""
    return request.GET.get("row") == "1"


def place(callback: Callback) -> Place:
    return callback.due_on, callback.pk


def url_of(callback: Callback) -> str:
    return f"{callback.get_absolute_url()}{QUERY}"


def due(employee: Employee) -> CallbackQuerySet:
    """The employee's own callbacks that are due and do not rest, in the order of the row."""
    rests = Q(rests_until__gt=timezone.now())
    rows = Callback.objects.visible_to(employee).open().exclude(rests)
    own = rows.filter(employee=employee, due_on__lte=trading_days.today(), confidential=False)
    return own.order_by("due_on", "pk")


def behind(employee: Employee, place: Place) -> Row:
    """The rest of the row; two queries."""
    day, key = place
    rows = due(employee).filter(Q(due_on__gt=day) | Q(due_on=day, pk__gt=key))
    following = rows.first()
    if following is None:
        return Row(0, address("visits:today"))
    return Row(rows.count(), url_of(following))


def end(employee: Employee) -> str:
    """The sentence at the end of the row: whether something was passed by."""
    left = due(employee).count()
    if left:
        return _("That was the last one. %(n)s that you passed by are still due.") % {"n": left}
    return _("That was the last one: nothing is due any more.")
