"""Guests of an event who were not invited: found by their number, or recorded as prospects."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clients import consents
from clients.models import Client, Lifecycle, Phone, Source
from clients.models.consent import By, Purpose
from clients.services import Details, create_client
from crm import crypto
from crm.trading_days import today
from pipeline.campaigns import check_in, lock
from pipeline.models import Campaign, Lead
from staff.models import Employee


@dataclass(frozen=True)
class WalkIn:
    """Who came, whether they are new, and what to warn of."""

    client: Client
    is_new: bool
    warnings: list[str] = field(default_factory=list)


@transaction.atomic
def walk_in(*, campaign: Campaign, name: str, phone: str, by: Employee, token: UUID) -> WalkIn:
    """Check in a guest who agreed to be recorded; one of one's clients is known by the number.

    ``phone`` is in its normal form; ``token`` becomes the client's address, so that a form sent
    twice makes one. Somebody new becomes a prospect of ``by`` with this campaign as the origin.
    """
    campaign = lock(campaign)
    index = crypto.blind_index(Phone.BLIND_KIND, phone)
    numbers = Phone.objects.filter(number_index=index, valid_to=None).values("client")
    reach = Client.objects.editable_by(by).exclude(lifecycle=Lifecycle.CLOSED)
    known = reach.filter(public_id=token).first() or reach.filter(pk__in=numbers).first()
    if known is not None:
        check_in(campaign=campaign, client=known, by=by)
        return WalkIn(known, is_new=False)
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
    return WalkIn(saved.client, is_new=True, warnings=saved.warnings)
