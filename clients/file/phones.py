"""What is done about a number that reached somebody else."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clients.file.services import lock, refresh_search, set_phones
from clients.models import Client, Phone
from crm.trading_days import today


@transaction.atomic
def correct_phone(*, client: Client, right: str = "") -> bool:
    """End the number that is dialled first, because another person answered it.

    ``right`` (normal form) takes its place, else the client's next number does. Returns whether a
    number is left. Raises ValidationError where ``right`` is the wrong one itself.
    """
    lock(client.pk)
    held = list(client.phones.filter(valid_to=None).order_by("-is_primary", "id"))
    if not held:
        wrong, others = None, []
    else:
        wrong, others = held[0], [phone.number for phone in held[1:]]
    if wrong is not None and right == wrong.number:
        raise ValidationError(_("This is the number that was dialled: it is the wrong one."))
    numbers = [right, *(number for number in others if number != right)] if right else others
    set_phones(client=client, numbers=numbers)
    if wrong is not None:
        Phone.objects.filter(pk=wrong.pk).update(found_wrong_on=today())
    refresh_search(client=client)
    return bool(numbers)
