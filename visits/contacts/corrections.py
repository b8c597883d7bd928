"""Corrections: a new entry names the old one, which stays, void and with the reason."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client
from staff.models import Employee
from visits.contacts.callbacks import cancel_row
from visits.contacts.services import log_visit
from visits.models import Callback, Visit
from visits.scripts import suggestions

REASON = "corrected"


@transaction.atomic
def correct_visit(*, visit: Visit, by: Employee, token: uuid.UUID, **content: Any) -> Visit:
    """Replace an entry by a new one; ``content`` as for ``log_visit``.

    What the old entry did to callbacks is undone first, so both the last contact and the plan come
    out as if the entry had been right from the start. Raises ValidationError for an entry that was
    corrected before.
    """
    Client.objects.select_for_update().get(pk=visit.client_id)
    same = Visit.objects.filter(token=token).first()
    if same is not None:
        if same.corrects_id != visit.pk:
            raise ValidationError(_("This form was used for another contact. Reload the page."))
        return same
    old = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    if old.void:
        raise ValidationError(_("This entry was corrected already. Correct the newest one."))
    now = timezone.now()
    Visit.objects.filter(pk=old.pk).update(void=True, void_reason=REASON, voided_at=now)
    occurred_on = timezone.localdate(content.get("occurred_at") or now)
    if not old.reached:
        _take_back_attempt(old)
    elif not content["outcome"].reached or occurred_on != old.occurred_on:
        _reopen(old)
    if content.get("next_step_on") != old.next_step_on:
        _cancel_follow_up(old, by)
    made = log_visit(
        client=visit.client,
        employee=by,
        token=token,
        callback=old.callback,
        corrects=old,
        **content,
    )
    suggestions.copy_replies(old, made)
    return made


def _take_back_attempt(old: Visit) -> None:
    Callback.objects.filter(pk=old.callback_id or 0, attempts__gt=0).update(
        attempts=F("attempts") - 1
    )


def _reopen(old: Visit) -> None:
    """Reopen callbacks that only this entry had closed."""
    others = Visit.objects.that_reached(old.client)
    latest = others.order_by("-occurred_on").values_list("occurred_on", flat=True).first()
    rows = Callback.objects.filter(
        client=old.client_id, status=Callback.Status.DONE, done_on=old.occurred_on
    )
    regular = Q(kind=Callback.Kind.CADENCE)
    opened = Q(kind=Callback.Kind.NEW_ACCOUNT)
    if latest is not None:
        regular &= Q(anchor_on__gte=latest)
        opened &= Q(anchor_on__gt=latest)
    answered = Q(pk=old.callback_id) & ~Q(
        kind__in=[Callback.Kind.CADENCE, Callback.Kind.NEW_ACCOUNT]
    )
    joined = Q(merged_into=old.callback_id, merged_into__isnull=False)
    closed = rows.filter(regular | opened | answered | joined)
    keys = list(closed.values_list("pk", flat=True))
    if Callback.objects.filter(pk__in=keys, kind=Callback.Kind.CADENCE).exists():
        # One open cadence row at most: what was planned from this entry gives way.
        Callback.objects.filter(
            client=old.client_id, kind=Callback.Kind.CADENCE, status__in=["open", "merged"]
        ).update(status=Callback.Status.CANCELLED, cancelled_because=Callback.Cancelled.NOT_DUE)
    Callback.objects.filter(pk__in=keys).update(
        status=Callback.Status.OPEN, done_at=None, done_on=None, merged_into=None
    )


def _cancel_follow_up(old: Visit, by: Employee) -> None:
    rows = Callback.objects.filter(
        client=old.client_id, occurrence=f"promise:{old.token}", status=Callback.Status.OPEN
    )
    for row in rows:
        cancel_row(row, REASON, by)
