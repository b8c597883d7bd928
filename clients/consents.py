"""Writes of consent and contact wishes; a withdrawal works at once, in the same transaction.

Calls for service need no consent of their own while an account is served (PIPL art. 13: what the
contract needs), so their lack stops nothing. Their withdrawal does: the client is then marked as
wanting no calls, which stops dialling and the planner, until consent is given anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Client
from clients.models.consent import By, Consent, Purpose
from clients.services import EditConflict, last_editor, lock
from crm.operations import ClientSaved, client_saved
from crm.trading_days import today
from staff.models import Employee


@dataclass(frozen=True)
class Wishes:
    """How a client wants to be contacted; hours in the installation's time zone."""

    calls_refused: bool
    call_from: time | None
    call_until: time | None
    contact_note: str


@transaction.atomic
def set_wishes(*, client_id: int, version: int, wishes: Wishes, by: Employee) -> Client:
    """Keep the wishes and have rooms above follow them.

    Raises EditConflict where the client was saved since ``version``; ValidationError for hours
    that make no span.
    """
    client = lock(client_id)
    if client.version != version:
        raise EditConflict(client, last_editor(client))
    if (wishes.call_from is None) != (wishes.call_until is None) or (
        wishes.call_from and wishes.call_until and wishes.call_from >= wishes.call_until
    ):
        raise ValidationError({"call_until": _("Give both hours, the later one second.")})
    client.calls_refused = wishes.calls_refused
    client.call_from, client.call_until = wishes.call_from, wishes.call_until
    client.contact_note = wishes.contact_note
    _save(client, by)
    return client


@transaction.atomic
def give(
    *, client: Client, purpose: str, channel: str, on: date, proof: str, by: Employee
) -> Consent:
    """Record a consent with its proof. Raises ValidationError for what cannot be."""
    client = lock(client.pk)
    if on > today():
        raise ValidationError({"given_on": _("The consent lies in the future: check the date.")})
    open_ones = client.consents.filter(purpose=purpose, channel=channel, withdrawn_on=None)
    if open_ones.exists():
        raise ValidationError(_("This consent is on record already."))
    consent = Consent.objects.create(
        client=client, purpose=purpose, channel=channel, given_on=on, proof=proof, recorded_by=by
    )
    if _concerns_calls(consent) and client.calls_refused:
        client.calls_refused = False
        _save(client, by)
    return consent


@transaction.atomic
def withdraw(*, consent: Consent, how: str, by: Employee) -> None:
    """End a consent today; calls for service end with it. Raises ValidationError if it is ended."""
    client = lock(consent.client_id)
    kept = client.consents.filter(pk=consent.pk, withdrawn_on=None)
    if not kept.update(withdrawn_on=today(), withdrawn_how=how):
        raise ValidationError(_("This consent has been withdrawn already."))
    if _concerns_calls(consent) and not client.calls_refused:
        client.calls_refused = True
        _save(client, by)


def _concerns_calls(consent: Consent) -> bool:
    return (consent.purpose, consent.channel) == (Purpose.SERVICE, By.PHONE)


def _save(client: Client, by: Employee) -> None:
    client.version += 1
    client.save()
    client_saved.run(ClientSaved(client=client, created=False, by=by))
