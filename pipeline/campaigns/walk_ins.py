"""Guests of an event who were not invited: found by number and name, or recorded as prospects."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clients.consents import services as consents
from clients.file.services import Details, create_client
from clients.models import Client, Lifecycle, Source
from clients.models.consent import By, Purpose
from clients.querysets import ClientQuerySet
from crm.trading_days import today
from pipeline.campaigns.check_in import guests
from pipeline.campaigns.services import check_in, lock
from pipeline.capture.services import Doubled, holders, lock_number
from pipeline.models import Campaign, Lead
from staff.models import Employee


@dataclass(frozen=True)
class WalkIn:
    """The checked-in client, and warnings."""

    client: Client
    warnings: list[str] = field(default_factory=list)


@transaction.atomic
def walk_in(
    *, campaign: Campaign, name: str, phone: str, by: Employee, token: UUID, another: bool = False
) -> WalkIn:
    """Check in a guest who agreed to be recorded; a guest on record is found by the number.

    ``phone`` is in its normal form; ``token`` becomes the client's address, so that a form sent
    twice makes one. Somebody new becomes a prospect of ``by`` with this campaign as the origin.
    Raises Doubled where somebody has the number, unless it is known to be ``another`` person.
    """
    # In this order: the public form has the number, too, when it comes to the campaign's row.
    lock_number(phone)
    campaign = lock(campaign)
    reach = guests(by, campaign).exclude(lifecycle=Lifecycle.CLOSED)
    known = reach.filter(public_id=token).first()
    if known is None and not another:
        known = _named(reach, name, phone)
    if known is not None:
        check_in(campaign=campaign, client=known, by=by)
        return WalkIn(known)
    if not another and holders(phone):
        raise Doubled
    values = {"name": name, "source": Source.CHANNEL if campaign.channel_id else Source.DIRECT}
    details = Details(values=values, phones=[phone])
    saved = create_client(by=by, details=details, manager=by, public_id=token)
    proof = _("Agreed at “%(name)s”") % {"name": campaign.name}
    for purpose in (Purpose.SERVICE, Purpose.MARKETING):
        consents.give(
            client=saved.client,
            purpose=purpose,
            channel=By.PHONE,
            on=today(),
            proof=proof,
            by=by,
        )
    Lead.objects.create(
        client=saved.client,
        channel_id=campaign.channel_id,
        campaign=campaign,
        via=Lead.Via.CHECK_IN,
        employee=by,
        on=today(),
    )
    check_in(campaign=campaign, client=saved.client, by=by)
    return WalkIn(saved.client, saved.warnings)


def _named(reach: ClientQuerySet, name: str, phone: str) -> Client | None:
    """The only one of these with this number and this name."""
    rows = reach.filter(pk__in=[one.pk for one in holders(phone)])
    named = [one for one in rows if _bare(one.name) == _bare(name)]
    return named[0] if len(named) == 1 else None


def _bare(name: str) -> str:
    return "".join(name.split()).casefold()
