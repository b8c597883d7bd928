"""Quick capture of a prospect in one transaction: client, origin, consent, opportunity, first call.

By a person of the firm on the spot, or by the prospect in the public form (pipeline/capture/public_services.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from clients.consents import services as consents
from clients.file.services import Details, create_client
from clients.models import Client, Phone
from clients.relations.services import set_referrer
from crm import crypto
from crm.trading_days import today
from pipeline.models import Campaign, Channel, Lead, Opportunity
from pipeline.opportunities.services import create_opportunity
from staff.models import Employee
from visits.contacts.services import create_manual
from visits.models import Callback


@dataclass(frozen=True)
class Agreed:
    """Consent of the prospect, and its proof."""

    purpose: str
    channels: Sequence[str]
    proof: str


@dataclass(frozen=True)
class Origin:
    """Origin of the prospect."""

    via: str
    channel: Channel | None = None
    campaign: Campaign | None = None
    referrer: Client | None = None


@dataclass(frozen=True)
class Captured:
    """What was saved; ``warnings`` are sentences for the user."""

    client: Client
    opportunity: Opportunity
    callback: Callback
    warnings: list[str] = field(default_factory=list)


class Doubled(Exception):
    """The phone number is on record already; the user is shown the holders first."""


@transaction.atomic
def take_down(
    *,
    employee: Employee,
    phone: str,
    values: dict[str, Any],
    origin: Origin,
    agreed: Agreed,
    token: UUID,
    another: bool = False,
) -> Captured:
    """Record a prospect of ``employee`` with a first call on the next trading day.

    ``phone`` is in its normal form; ``token`` becomes the client's address, so that a form sent
    twice is found by it. Raises Doubled where somebody has the number, unless it is known to be
    ``another`` person, and ValidationError with a sentence; then nothing is written.
    """
    lock_number(phone)
    # Read under the lock, so that a concurrent capture of the same number is seen.
    if not another and holders(phone):
        raise Doubled
    details = Details(values=values, phones=[phone])
    saved = create_client(by=employee, details=details, manager=employee, public_id=token)
    client = saved.client
    if origin.referrer is not None:
        set_referrer(client=client, referrer=origin.referrer)
    for channel in agreed.channels:
        consents.give(
            client=client,
            purpose=agreed.purpose,
            channel=channel,
            on=today(),
            proof=agreed.proof,
            by=employee,
        )
    Lead.objects.create(
        client=client,
        channel=origin.channel,
        campaign=origin.campaign,
        via=origin.via,
        employee=employee,
        on=today(),
    )
    callback, opportunity = first_step(client, employee, token, by=employee)
    client.refresh_from_db()
    return Captured(client, opportunity, callback, saved.warnings)


def first_step(
    client: Client, employee: Employee, token: UUID, *, by: Employee
) -> tuple[Callback, Opportunity]:
    """A call of ``employee`` tomorrow, and the same day as the next step of the opportunity."""
    step = _("First call")
    callback = create_manual(
        client=client,
        employee=employee,
        due_on=today() + timedelta(days=1),
        reason=step,
        by=by,
        token=token,
    )
    opportunity = create_opportunity(
        client=client, by=by, next_step=step, next_step_on=callback.due_on
    )
    return callback, opportunity


def lock_number(phone: str) -> None:
    """Lock a phone number until the end of the transaction."""
    key = int.from_bytes(crypto.blind_index(Phone.BLIND_KIND, phone)[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def holders(phone: str) -> list[Client]:
    """Clients of the whole firm with this number; merged records as their survivor."""
    index = crypto.blind_index(Phone.BLIND_KIND, phone)
    rows = Phone.objects.filter(number_index=index, valid_to=None)
    clients = Client.objects.filter(pk__in=rows.values("client"))
    survivors = [client.merged_into or client for client in clients.select_related("merged_into")]
    return sorted({client.pk: client for client in survivors}.values(), key=lambda one: one.pk)


@dataclass(frozen=True)
class Doubles:
    """Holders of the number: visible clients by name, and whether there are others."""

    seen: list[Client]
    hidden: bool

    def __bool__(self) -> bool:
        return bool(self.seen) or self.hidden


def doubles(phone: str, employee: Employee) -> Doubles:
    """Information on holders of a number that ``employee`` may have."""
    clients = holders(phone)
    visible = Client.objects.visible_to(employee).filter(pk__in=[one.pk for one in clients])
    seen = list(visible.select_related("manager"))
    return Doubles(seen, hidden=len(seen) < len(clients))
