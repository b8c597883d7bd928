"""Writes of households, referrals and contact persons."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from clients.file.services import lock
from clients.models import Client, ContactPerson, ContactPhone, Household, Membership
from clients.models.client import Kind
from crm.trading_days import today

Relation = Membership.Relation


@transaction.atomic
def join_household(*, client: Client, other: Client, relation: str) -> Household:
    """Add ``other`` to the household of ``client``; creates one with ``client`` as its head.

    Raises ValidationError where the two cannot be of one household.
    """
    for key in sorted({client.pk, other.pk}):
        lock(key)
    if client.pk == other.pk:
        raise ValidationError(_("Choose another client."))
    if Kind.ORGANISATION in (client.kind, other.kind):
        raise ValidationError(_("An organisation is of no household."))
    if Membership.objects.filter(client=other, valid_to=None).exists():
        raise ValidationError(
            _("%(name)s is of a household already. Take them out of it first.") % {"name": other}
        )
    own = Membership.objects.filter(client=client, valid_to=None).first()
    household = own.household if own else Household.objects.create(head=client)
    if own is None:
        _enter(household, client, Relation.HEAD)
    if relation == Relation.HEAD:
        raise ValidationError(_("A household has one head."))
    _enter(household, other, relation)
    return household


def _enter(household: Household, client: Client, relation: str) -> None:
    Membership.objects.create(
        household=household, client=client, relation=relation, valid_from=today()
    )


@transaction.atomic
def make_head(*, client: Client) -> None:
    """Make a member the head; the one until now becomes another relative."""
    lock(client.pk)
    own = Membership.objects.filter(client=client, valid_to=None).first()
    if own is None:
        raise ValidationError(_("This client is of no household."))
    rows = Membership.objects.filter(household=own.household_id, valid_to=None)
    rows.filter(relation=Relation.HEAD).exclude(pk=own.pk).update(relation=Relation.OTHER)
    rows.filter(pk=own.pk).update(relation=Relation.HEAD)
    Household.objects.filter(pk=own.household_id).update(head=client)


@transaction.atomic
def leave_household(*, client: Client) -> None:
    """End the membership today. The head leaves last, or gives the head to another first."""
    lock(client.pk)
    own = Membership.objects.filter(client=client, valid_to=None).first()
    if own is None:
        raise ValidationError(_("This client is of no household."))
    rows = Membership.objects.filter(household=own.household_id, valid_to=None)
    if own.relation == Relation.HEAD and rows.exclude(pk=own.pk).exists():
        raise ValidationError(_("Make another member the head first."))
    rows.filter(pk=own.pk).update(valid_to=max(today(), own.valid_from))


@transaction.atomic
def set_referrer(*, client: Client, referrer: Client | None) -> None:
    """Set the referrer of a client. Raises ValidationError for a circle of referrals."""
    client = lock(client.pk)
    seen = {client.pk}
    above = referrer
    while above is not None:
        if above.pk in seen:
            raise ValidationError(_("These two would have brought each other."))
        seen.add(above.pk)
        above = above.referred_by
    client.referred_by = referrer
    client.version += 1
    client.save(update_fields=["referred_by", "version", "updated_at"])


@dataclass(frozen=True)
class Contact:
    """A contact person as typed; ``phone`` in its normal form or ''."""

    name: str
    role: str
    position: str
    phone: str


def contacts_of(client: Client, kept: int | None = None) -> QuerySet[ContactPerson]:
    """Contact persons of the client and of records merged into it.

    ``kept``: key of one who is no longer to be spoken with, and is among them all the same.
    """
    in_force = Q(valid_to=None) | Q(pk=kept)
    return ContactPerson.objects.filter(in_force, client__in=client.group)


@transaction.atomic
def add_contact(*, client: Client, contact: Contact) -> ContactPerson:
    """Record a contact person."""
    lock(client.pk)
    person = ContactPerson.objects.create(
        client=client,
        name=contact.name,
        role=contact.role,
        position=contact.position,
        valid_from=today(),
    )
    if contact.phone:
        phone = ContactPhone(contact=person, valid_from=today())
        phone.set_number(contact.phone)
        phone.save()
    return person


@transaction.atomic
def end_contact(*, contact: ContactPerson) -> None:
    """The person is no longer to be spoken with; the row stays."""
    day = max(today(), contact.valid_from)
    ContactPerson.objects.filter(pk=contact.pk, valid_to=None).update(valid_to=day)
    ContactPhone.objects.filter(contact=contact, valid_to=None).update(valid_to=day)


@transaction.atomic
def correct_contact_phone(*, contact: ContactPerson, right: str = "") -> bool:
    """End the person's own number, because somebody else answered it; ``right`` takes its place.

    Whether there was one: without one the client's number was dialled. Raises ValidationError
    where ``right`` (normal form) is the wrong one itself.
    """
    lock(contact.client_id)
    wrong = dialled_phone(contact)
    if wrong is None:
        return False
    if right == wrong.number:
        raise ValidationError(_("This is the number that was dialled: it is the wrong one."))
    ContactPhone.objects.filter(pk=wrong.pk).update(valid_to=max(today(), wrong.valid_from))
    if right:
        phone = ContactPhone(contact=contact, valid_from=today())
        phone.set_number(right)
        phone.save()
    return True


def dialled_phone(contact: ContactPerson) -> ContactPhone | None:
    """The person's own number, the newest first."""
    return ContactPhone.objects.filter(contact=contact, valid_to=None).order_by("-id").first()
