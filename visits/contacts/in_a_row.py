"""Calling one after another: from a saved contact straight to the next callback that is due.

The address of a page says that one is in a row (``?row=1``); nothing is stored. The row goes on by
due date, so what is skipped is passed by and stays on Today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q
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
    """What lies ahead behind one callback; ``next_url`` is Today where nothing does.

    ``passed``: how many of the row lie before it.
    """

    left: int
    next_url: str
    name: str = ""
    passed: int = 0

    @property
    def place(self) -> int:
        """The place of the callback itself, from 1."""
        return self.passed + 1

    @property
    def all(self) -> int:
        return self.passed + 1 + self.left


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
    after = Q(due_on__gt=day) | Q(due_on=day, pk__gt=key)
    rows = due(employee).order_by()
    counts = rows.aggregate(
        left=Count("pk", filter=after), passed=Count("pk", filter=~after & ~Q(pk=key))
    )
    following = due(employee).filter(after).select_related("client").first()
    if following is None:
        return Row(0, address("visits:today"), passed=counts["passed"])
    name = following.client.salutation
    return Row(counts["left"], url_of(following), name, counts["passed"])


def past(employee: Employee, public_id: UUID) -> str:
    """Where the row goes on behind a callback that the employee no longer sees.

    Its place alone is read, nothing of it is shown; of an unknown one the row begins anew.
    """
    known = Callback.objects.filter(public_id=public_id).values_list("due_on", "pk").first()
    if known is None:
        first = due(employee).first()
        return url_of(first) if first is not None else address("visits:today")
    return behind(employee, known).next_url


def end(employee: Employee) -> str:
    """The sentence at the end of the row: whether something was passed by."""
    left = due(employee).count()
    if left:
        return _("That was the last one. %(n)s that you passed by are still due.") % {"n": left}
    return _("That was the last one: nothing is due any more.")
