"""Writes of clients: every change of a client, its numbers or its segment is made here.

Every function is one transaction that locks the client's row first, so writes never interleave.
Refused input raises ValidationError with a sentence. Who serves a client: ``assignments.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from clients.birthdays import lunar_birthday
from clients.duplicates.detection import is_likely_duplicate
from clients.file.assignments import assign, become_client, employee_leaves, release_clients
from clients.models import (
    Client,
    FundAccount,
    Identity,
    Lifecycle,
    Phone,
    RiskAssessment,
    Segment,
    SegmentChange,
)
from clients.search import name_pinyin, reindex
from clients.segments.classification import classify
from crm.models import AccessLog
from crm.operations import ClientSaved, client_saved
from crm.reasons import clean_reason
from crm.trading_days import today
from staff.models import Branch, Employee

# Columns that people type; all others belong to a service of their own.
TYPED = (
    "name",
    "kind",
    "title",
    "birthday",
    "income_level",
    "investment_size",
    "investment_style",
    "prospect_type",
    "source",
    "notes",
)

__all__ = [
    "Assessed",
    "Details",
    "EditConflict",
    "IdentityDocument",
    "Saved",
    "add_risk_assessment",
    "assign",
    "become_client",
    "create_client",
    "employee_leaves",
    "pin_segment",
    "release_clients",
    "reveal",
    "segments_for",
    "set_identity",
    "set_phones",
    "unpin_segment",
    "update_client",
]


@dataclass(frozen=True)
class IdentityDocument:
    """An identity paper as typed; ``number`` is in its normal form."""

    type: str
    number: str
    expires_on: date | None = None


@dataclass(frozen=True)
class Assessed:
    """A risk assessment as typed."""

    grade: str
    on: date
    expires_on: date


@dataclass(frozen=True)
class Details:
    """Entered data of a client. ``None`` leaves phones, identity or assessment unchanged."""

    values: dict[str, Any]
    phones: Sequence[str] | None = None
    identity: IdentityDocument | None = None
    assessed: Assessed | None = None


@dataclass
class Saved:
    """A saved client, with warnings for the user as sentences."""

    client: Client
    warnings: list[str] = field(default_factory=list)


class EditConflict(Exception):
    """The client was saved by somebody else since the user opened it; nothing was written."""

    def __init__(self, client: Client, by: Employee | None) -> None:
        super().__init__(f"client {client.pk} is at version {client.version}")
        self.client = client
        self.by = by


def lock(client_id: int) -> Client:
    """The client's row, locked until the end of the transaction."""
    return Client.objects.select_for_update(of=("self",)).get(pk=client_id)


@transaction.atomic
def create_client(
    *,
    by: Employee,
    details: Details,
    manager: Employee,
    lifecycle: str = Lifecycle.PROSPECT,
    opened_on: date | None = None,
    public_id: UUID | None = None,
) -> Saved:
    """Record a prospect or a client served by ``manager`` from today, classified at once.

    ``public_id`` makes a form that is posted twice one client: the caller looks it up first.
    """
    if manager.branch is None:
        raise ValidationError(_("%(name)s works in no branch.") % {"name": manager})
    if lifecycle == Lifecycle.CLIENT and opened_on is None:
        raise ValidationError({"opened_on": _("A client needs an opening date.")})
    business_date = today()
    client = Client(
        lifecycle=lifecycle,
        opened_on=opened_on if lifecycle == Lifecycle.CLIENT else None,
        branch=manager.branch,
        segment=Segment.objects.get(is_default=True),
        segment_since=business_date,
        recorded_on=business_date,
        **({"public_id": public_id} if public_id else {}),
    )
    _take_values(client, details.values)
    client.save()
    saved = Saved(client)
    _take_numbers(saved, details)
    assign(client=client, employee=manager, on=business_date, reason="", announce=False)
    _reclassify(client)
    client.refresh_from_db()
    client_saved.run(ClientSaved(client=client, created=True, by=by))
    _warn_of_duplicate(saved)
    return saved


@transaction.atomic
def update_client(*, client_id: int, version: int, by: Employee, details: Details) -> Saved:
    """Save an edited client. Raises EditConflict if ``version`` is not the present one."""
    client = lock(client_id)
    if client.version != version:
        raise EditConflict(client, last_editor(client))
    _take_values(client, details.values)
    client.version += 1
    client.save()
    saved = Saved(client)
    _take_numbers(saved, details)
    _reclassify(client)
    client.refresh_from_db()
    client_saved.run(ClientSaved(client=client, created=False, by=by))
    _warn_of_duplicate(saved)
    return saved


def _warn_of_duplicate(saved: Saved) -> None:
    text = _("A client with the same name and birthday is on record: check for a double.")
    saved.warnings += [text] if is_likely_duplicate(saved.client) else []


def last_editor(client: Client) -> Employee | None:
    """Who changed the row last, from its history; ``None`` if unknown."""
    event = client.events.select_related("pgh_context").order_by("-pgh_id").first()  # type: ignore[attr-defined]
    if event is None or event.pgh_context is None:
        return None
    return Employee.objects.filter(pk=event.pgh_context.metadata.get("employee")).first()


def _take_values(client: Client, values: dict[str, Any]) -> None:
    for name in TYPED:
        if name in values:
            setattr(client, name, values[name])
    born = client.birthday if values.get("by_lunar", client.lunar_birthday) else None
    client.lunar_birthday = lunar_birthday(born) if born else None
    client.name = client.name.strip()
    client.name_pinyin = name_pinyin(client.name)


def _take_numbers(saved: Saved, details: Details) -> None:
    client = saved.client
    if details.phones is not None:
        saved.warnings += set_phones(client=client, numbers=details.phones)
    if details.identity is not None:
        saved.warnings += set_identity(client=client, identity=details.identity)
    if details.assessed is not None:
        add_risk_assessment(client=client, assessed=details.assessed)
    refresh_search(client=client)


def refresh_search(*, client: Client) -> None:
    """Update the search words after a change of the name, a phone or an account."""
    reindex([client.pk])
    client.refresh_from_db(fields=["search"])


def _reclassify(client: Client) -> None:
    classify(clients=[client.pk])
    client.refresh_from_db(fields=["segment", "segment_since"])


# Numbers --------------------------------------------------------------------------------------


@transaction.atomic
def set_phones(*, client: Client, numbers: Sequence[str]) -> list[str]:
    """Make ``numbers`` (normal form, first choice first) the phones in force; warnings if shared.

    A number that is no longer used ends today; nothing is deleted.
    """
    if len(set(numbers)) < len(numbers):
        raise ValidationError(_("The two phones are the same number."))
    lock(client.pk)
    business_date = today()
    held = {phone.number: phone for phone in client.phones.filter(valid_to=None)}
    for number, phone in held.items():
        if number not in numbers:
            phone.valid_to = max(business_date, phone.valid_from)
        phone.is_primary = False
        phone.save(update_fields=["valid_to", "is_primary"])
    added: list[Phone] = []
    for place, number in enumerate(numbers):
        known = held.get(number)
        phone = known or Phone(client=client, valid_from=business_date)
        if known is None:
            phone.set_number(number)
            added.append(phone)
        phone.is_primary = place == 0
        phone.save()
    if _is_shared(Phone, client, [bytes(phone.number_index) for phone in added]):
        return [_("Another client of the firm has the same phone number: check for a double.")]
    return []


@transaction.atomic
def set_identity(*, client: Client, identity: IdentityDocument) -> list[str]:
    """Record an identity paper and end the former one of its type. Warns if shared."""
    lock(client.pk)
    business_date = today()
    held = client.identities.filter(valid_to=None, type=identity.type).first()
    if held and held.number == identity.number and held.expires_on == identity.expires_on:
        return []
    if held:
        held.valid_to = max(business_date, held.valid_from)
        held.save(update_fields=["valid_to"])
    row = Identity(
        client=client, type=identity.type, expires_on=identity.expires_on, valid_from=business_date
    )
    row.set_number(identity.number)
    row.save()
    if _is_shared(Identity, client, [bytes(row.number_index)]):
        return [_("Another client of the firm has the same identity number: check for a double.")]
    return []


@transaction.atomic
def reveal(*, number: Phone | Identity | FundAccount, by: Employee, reason: str) -> str:
    """The clear text of one number; employee and reason are logged first."""
    AccessLog.objects.create(
        employee=by,
        action=AccessLog.Action.REVEAL,
        subject_type=type(number).BLIND_KIND,
        subject_id=number.pk,
        client_id=number.client_id,
        reason=clean_reason(reason),
    )
    return number.number


def _is_shared(
    model: type[Phone] | type[Identity], client: Client, indexes: Collection[bytes]
) -> bool:
    """Whether another client holds one of the numbers; does not say which."""
    rows = model._default_manager.filter(number_index__in=indexes, valid_to=None)
    return bool(indexes) and rows.exclude(client=client).exists()


@transaction.atomic
def add_risk_assessment(*, client: Client, assessed: Assessed, source: str = "") -> None:
    """Record a risk assessment; the newest one is copied onto the client for classification."""
    lock(client.pk)
    if assessed.on > today():
        raise ValidationError({"assessed_on": _("The assessment lies in the future.")})
    if assessed.expires_on <= assessed.on:
        raise ValidationError(
            {"risk_expires_on": _("The assessment expires after the day it was made.")}
        )
    latest = client.risk_assessments.order_by("-assessed_on", "-id").first()
    same = (assessed.grade, assessed.on, assessed.expires_on)
    if latest and (latest.grade, latest.assessed_on, latest.expires_on) == same:
        return
    RiskAssessment.objects.create(
        client=client,
        grade=assessed.grade,
        assessed_on=assessed.on,
        expires_on=assessed.expires_on,
        source=source,
    )
    if latest is None or assessed.on >= latest.assessed_on:
        client.risk_grade, client.risk_expires_on = assessed.grade, assessed.expires_on
        Client.objects.filter(pk=client.pk).update(
            risk_grade=assessed.grade, risk_expires_on=assessed.expires_on
        )


# Segments -------------------------------------------------------------------------------------


def segments_for(branch: Branch) -> QuerySet[Segment]:
    """Segments that clients of a branch may be in: the firm's and those of the branches above."""
    above = branch.ancestor_ids
    return Segment.objects.filter(Q(branch=None) | Q(branch__in=above))


@transaction.atomic
def pin_segment(
    *, client: Client, segment: Segment, reason: str, by: Employee, until: date | None = None
) -> None:
    """Put the client into a segment by a person's decision; rules leave it alone from now on.

    After ``until`` (its last day; ``None``: without end) the rules decide again.
    """
    reason = clean_reason(reason)
    if until is not None and until < today():
        raise ValidationError({"until": _("This day has passed: choose a later one.")})
    locked = lock(client.pk)
    if segment not in segments_for(locked.branch):
        raise ValidationError(_("This segment belongs to another branch."))
    if locked.segment_id != segment.pk:
        locked.segment_since = today()
    locked.segment = segment
    locked.segment_pinned = True
    locked.segment_reason = reason
    locked.segment_pinned_until = until
    _save_segment(locked)
    SegmentChange.objects.create(
        client=locked, segment=segment, pinned=True, reason=reason, employee=by
    )
    client.refresh_from_db()
    client_saved.run(ClientSaved(client=client, created=False, by=by))


@transaction.atomic
def unpin_segment(*, client: Client, reason: str, by: Employee) -> None:
    """Let the rules decide again, from now on."""
    reason = clean_reason(reason)
    locked = lock(client.pk)
    if not locked.segment_pinned:
        raise ValidationError(_("The segment is not pinned."))
    locked.segment_pinned = False
    locked.segment_reason = ""
    locked.segment_pinned_until = None
    _save_segment(locked)
    SegmentChange.objects.create(client=locked, segment=locked.segment, reason=reason, employee=by)
    classify(clients=[locked.pk])
    client.refresh_from_db()
    client_saved.run(ClientSaved(client=client, created=False, by=by))


def _save_segment(client: Client) -> None:
    client.version += 1
    client.save(
        update_fields=[
            "segment",
            "segment_since",
            "segment_pinned",
            "segment_reason",
            "segment_pinned_until",
            "version",
            "updated_at",
        ]
    )
