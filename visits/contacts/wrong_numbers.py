"""What follows where another person answered: the number goes, or the right one takes its place."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from clients.file.phones import correct_phone
from clients.relations.services import correct_contact_phone
from crm import trading_days
from visits.contacts.callbacks import create_row
from visits.models import Callback, Visit


def correct(visit: Visit, right: str) -> None:
    """End the number that was dialled. Where none is left, the next thing to do is to find one.

    A contact person's own number is theirs: it goes, and the client's stays. Raises
    ValidationError, under ``right_number``, where ``right`` is the wrong one itself.
    """
    client, person = visit.client, visit.contact_person
    try:
        if person is not None and correct_contact_phone(contact=person, right=right):
            return
        is_left = correct_phone(client=client, right=right)
    except ValidationError as error:
        raise ValidationError({"right_number": error.messages}) from error
    asked = Callback.objects.filter(client=client, kind=Callback.Kind.NUMBER, status="open")
    if is_left or visit.employee is None or asked.exists():
        return
    create_row(
        client=client,
        employee=client.manager,
        due_on=trading_days.on_or_after(trading_days.today()),
        reason="",
        by=visit.employee,
        kind=Callback.Kind.NUMBER,
        occurrence=f"number:{visit.token}",
    )
