"""Dialling: whose number, why it is refused, and the entry of the access log before it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client, ContactPerson, ContactPhone, Phone
from clients.relations.services import contacts_of, dialled_phone
from crm.models import AccessLog
from staff.models import Employee
from visits.contacts.before import refuses_offer


@dataclass(frozen=True)
class Dialled:
    """The number to call and whose it is, or why there is none to be called."""

    phone: Phone | ContactPhone | None
    # Where it is a contact person's own.
    person: ContactPerson | None = None
    refused: str = ""


def number(client: Client, chosen: QueryDict) -> Dialled:
    """The number of whom one means to speak with, for the purpose that was chosen before.

    A contact person without a number of their own is asked for under the client's. Nothing is
    logged yet.
    """
    key, person = chosen.get("contact_person", ""), None
    if key:
        known = (
            contacts_of(client).filter(pk=int(key)) if key.isdecimal() and len(key) < 18 else None
        )
        person = known.first() if known is not None else None
        if person is None:
            gone = _("This person is no longer in the file: choose whom to speak with.")
            return Dialled(None, refused=gone)
    own = dialled_phone(person) if person is not None else None
    phones = client.phones.filter(valid_to=None).order_by("-is_primary", "id")
    phone = own or phones.first()
    refused = client.refuses_call(timezone.now())
    refused = refused or refuses_offer(client, chosen.get("purpose", ""))
    if phone is None:
        refused = _("No phone is on record. Add one to the client file first.")
    return Dialled(phone, person if own is not None else None, refused)


def log(dialled: Dialled, *, client: Client, by: Employee, action: str, reason: str) -> None:
    """Keep who calls whom and why, before the number is shown."""
    if dialled.phone is None:
        raise ValueError("nothing is dialled")
    AccessLog.objects.create(
        employee=by,
        action=action,
        subject_type=dialled.phone._meta.label_lower,
        subject_id=dialled.phone.pk,
        client_id=client.pk,
        reason=reason,
    )
