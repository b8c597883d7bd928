"""Writes of consent and contact wishes; a withdrawal works at once, in the same transaction.

Calls for service need no consent of their own while an account is served (PIPL art. 13: what the
contract needs), so their lack stops nothing. Their withdrawal does: the client is then marked as
wanting no calls, which stops dialling and the planner, until consent is given anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clients.file.services import EditConflict, last_editor, lock
from clients.models import Client
from clients.models.consent import By, Consent, Purpose
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
    """Save the wishes and run the operation of the apps above.

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
    """Record a consent with its proof. Raises ValidationError for invalid data.

    Calls that stopped with a withdrawal go on again, where this consent is no older than that. A
    wish for no calls stays: it is taken back as a wish.
    """
    client = _lock(client.pk)
    if on > today():
        raise ValidationError({"given_on": _("The consent lies in the future: check the date.")})
    if _same(client, purpose, channel).filter(withdrawn_on=None).exists():
        raise ValidationError(_("This consent is on record already."))
    consent = Consent.objects.create(
        client=client, purpose=purpose, channel=channel, given_on=on, proof=proof, recorded_by=by
    )
    if concerns_calls(consent) and client.calls_refused and _ended_calls(client, consent):
        client.calls_refused = False
        _save(client, by)
    return consent


@transaction.atomic
def withdraw(*, consent: Consent, how: str, by: Employee) -> None:
    """End a consent today; calls for service end with it. Raises ValidationError if it is ended.

    The same consent of a record that was merged ends with it.
    """
    client = _lock(consent.client_id)
    kept = _same(client, consent.purpose, consent.channel).filter(withdrawn_on=None)
    if not kept.filter(pk=consent.pk).exists():
        raise ValidationError(_("This consent has been withdrawn already."))
    kept.update(withdrawn_on=today(), withdrawn_how=how)
    if concerns_calls(consent) and not client.calls_refused:
        client.calls_refused = True
        _save(client, by)


def agrees(client: Client, purpose: str, channel: str) -> bool:
    """Whether a consent to this purpose through this channel is in force."""
    return _same(client, purpose, channel).filter(withdrawn_on=None).exists()


def concerns_calls(consent: Consent) -> bool:
    """Whether it is the one that calls for service end with."""
    return (consent.purpose, consent.channel) == (Purpose.SERVICE, By.PHONE)


def _ended_calls(client: Client, consent: Consent) -> bool:
    """Whether the client refuses calls because of a withdrawal no later than ``consent``.

    Both then changed in one transaction, and so at one moment of the history.
    """
    events: Any = client.events  # type: ignore[attr-defined]
    stopped = events.filter(calls_refused=False).order_by("-pk").values("pgh_created_at")[:1]
    ended = _same(client, consent.purpose, consent.channel).filter(
        withdrawn_on__lte=consent.given_on, events__pgh_created_at__in=stopped
    )
    return ended.exists()


def _same(client: Client, purpose: str, channel: str) -> QuerySet[Consent]:
    """Consents of the client to one purpose through one channel, whichever record has them."""
    return Consent.objects.filter(client__in=client.group, purpose=purpose, channel=channel)


def _lock(client_id: int) -> Client:
    """The client, locked; of a record that was merged, the one that it went into."""
    known = Client.objects.only("merged_into").get(pk=client_id)
    client = lock(known.merged_into_id or known.pk)
    return lock(client.merged_into_id) if client.merged_into_id else client


def _save(client: Client, by: Employee) -> None:
    client.version += 1
    client.save()
    client_saved.run(ClientSaved(client=client, created=False, by=by))
