"""Check-in of guests at an event: which clients, by which employees, and undo (docs/access.md)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from clients.models import Client, Lifecycle
from clients.querysets import ClientQuerySet, changed_by, may_record
from clients.search import matching
from pipeline.campaigns.services import fill_places, lock
from pipeline.capture.services import Doubles, holders
from pipeline.models import Campaign, Invitation
from staff.models import Employee


def runs_door(employee: Employee, campaign: Campaign) -> bool:
    """Whether ``employee`` may check guests in: heads of the campaign, colleagues of its branch."""
    if not may_record(employee):
        return False
    at_home = campaign.branch_id is not None and campaign.branch_id == employee.branch_id
    return at_home or Campaign.objects.editable_by(employee).filter(pk=campaign.pk).exists()


def guests(employee: Employee, campaign: Campaign) -> ClientQuerySet:
    """Clients whom ``employee`` may check in: visible ones, and at the event all invited guests.

    Of those on the list who are not in their scope no more than the name is shown.
    """
    reach = changed_by(employee)
    # No condition at all is everybody: "or" would narrow that to the list.
    if reach and runs_door(employee, campaign):
        reach |= Q(pk__in=Invitation.objects.filter(campaign=campaign).values("client"))
    return Client.objects.filter(reach, merged_into=None)


def listed(employee: Employee, campaign: Campaign, text: str = "") -> QuerySet[Any]:
    """Those of ``guests`` that a search means, with ``answer``, ``here`` (when they were checked in)
    and ``mine`` (whether they are in the employee's scope); nobody of a closed account."""
    rows = guests(employee, campaign).exclude(lifecycle=Lifecycle.CLOSED)
    if any(sign.isdigit() for sign in text):
        # Nobody finds out whose number it is that another book holds.
        rows = rows.filter(changed_by(employee))
    invited = Invitation.objects.filter(campaign=campaign, client=OuterRef("pk"))
    own = Client.objects.editable_by(employee).filter(pk=OuterRef("pk"))
    return matching(rows, text).annotate(
        answer=Subquery(invited.values("reply")[:1]),
        here=Subquery(invited.values("checked_in_at")[:1]),
        mine=Exists(own),
    )


def doubles(employee: Employee, campaign: Campaign, phone: str) -> Doubles:
    """What ``employee`` may know of the clients with a phone number, during check-in."""
    clients = holders(phone)
    seen = list(guests(employee, campaign).filter(pk__in=[one.pk for one in clients]))
    return Doubles(seen, hidden=len(seen) < len(clients))


@transaction.atomic
def check_out(*, campaign: Campaign, client: Client) -> None:
    """Take back a check-in that was a mistake; the place is free again.

    Raises ValidationError after the event was closed, and where the client is not here.
    """
    campaign = lock(campaign)
    rows = Invitation.objects.filter(campaign=campaign, client=client, checked_in_at__isnull=False)
    if not rows.update(checked_in_at=None):
        raise ValidationError(_("This client is not checked in."))
    fill_places(campaign)
