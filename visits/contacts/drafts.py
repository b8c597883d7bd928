"""Drafts of the call screen: saved while the user types, deleted with the saving of the contact."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from clients.models import Client
from staff.models import Employee
from visits.models import Callback, Visit, VisitDraft

# Characters of all fields together: far above what a form accepts, so that too long a note is
# kept, too, and far below what would fill the table.
LARGEST = 100_000
# Fields that are typed or chosen; answers besides (``answer_<pk>``).
FIELDS = frozenset(
    (
        "token",
        "version",
        "outcome",
        "satisfaction_service",
        "satisfaction_information",
        "next_step",
        "next_step_on",
        "purpose",
        "channel",
        "occurred_at",
        "contact_person",
        "at_step",
        "attraction_style",
        "question_styles",
        "suggestions",
        "notes",
    )
)


def content_of(posted: QueryDict) -> dict[str, list[str]]:
    """The fields of a posted form that a draft keeps. Raises ValidationError if too long."""
    data = {
        name: [str(value).replace("\x00", "") for value in values]
        for name, values in posted.lists()
        if name in FIELDS or (name.startswith("answer_") and name[7:].isdecimal())
    }
    if sum(len(name) + sum(map(len, values)) for name, values in data.items()) > LARGEST:
        raise ValidationError(
            _("This is too long to be kept as a draft. Shorten the notes, then save.")
        )
    return data


def save(
    *, employee: Employee, client: Client, callback: Callback | None, data: dict[str, list[str]]
) -> VisitDraft:
    """Put the draft of this person in place of the one before."""
    draft, _made = VisitDraft.objects.update_or_create(
        employee=employee, client=client, callback=callback, defaults={"data": data}
    )
    return draft


def is_saved(data: dict[str, list[str]], employee: Employee) -> bool:
    """Whether the form that this draft was typed into became a visit already."""
    try:
        token = uuid.UUID(data.get("token", [""])[0])
    except ValueError:
        return False
    return Visit.objects.filter(token=token, employee=employee).exists()


def of(employee: Employee, client: Client, callback: Callback | None) -> VisitDraft | None:
    """The draft of this person, never another's."""
    rows = VisitDraft.objects.filter(employee=employee, client=client, callback=callback)
    return rows.first()


_DISCARD = """
DELETE FROM visits_visitdraft WHERE employee_id = %s AND client_id = %s AND callback_id = %s
"""


def discard(*, employee: Employee, client: Client, callback: Callback | None) -> None:
    """Delete the draft of a saved or abandoned contact.

    A contact recorded from the client file takes those of callbacks that closed meanwhile along.
    """
    if callback is not None:
        with connection.cursor() as cursor:
            cursor.execute(_DISCARD, [employee.pk, client.pk, callback.pk])
        return
    rows = VisitDraft.objects.filter(employee=employee, client=client)
    gone = Q(callback=None) | ~Q(callback__status=Callback.Status.OPEN)
    rows.filter(gone).delete()


def initial(draft: VisitDraft) -> dict[str, Any]:
    """The draft as initial data of a form; fields with several values are lists."""
    several = {"question_styles"}
    data = draft.data.items()
    return {
        name: values if name in several else values[0]
        for name, values in data
        if isinstance(values, list) and values
    }


def local_key(employee: Employee) -> str:
    """The key by which the browser locks its own copy, 64 hex digits.

    It is never stored there: on a shared computer the copy reads only under the same login.
    """
    secret = salted_hmac("visits.draft", str(employee.pk), algorithm="sha256")
    return str(secret.hexdigest())


def delete_old(now: datetime | None = None) -> int:
    """Delete drafts older than ``VisitDraft.KEPT_DAYS`` days; returns their number."""
    before = (now or timezone.now()) - timedelta(days=VisitDraft.KEPT_DAYS)
    return VisitDraft.objects.filter(saved_at__lt=before).delete()[0]
