"""Occasions: events that are a reason to call, recorded and planned at once (D-04)."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clients.models import Client, Lifecycle
from crm.trading_days import today
from staff.models import Employee
from visits.models import Occasion
from visits.planning.planner import plan_callbacks

# What lies further back makes no callback any more.
OLDEST = timedelta(days=365)


@transaction.atomic
def note_occasion(
    *,
    client: Client,
    kind: str,
    happened_on: date,
    by: Employee | None,
    note: str = "",
    source_key: str | uuid.UUID | None = None,
) -> Occasion:
    """Record an occasion; idempotent by ``source_key``.

    Raises ValidationError for a day to come or more than a year back, and for a closed client.
    """
    client = Client.objects.select_for_update().get(pk=client.pk)
    key = str(source_key or uuid.uuid4())
    held = Occasion.objects.filter(source_key=key).first()
    if held is not None:
        if held.client_id != client.pk:
            raise ValidationError(_("This form was used for another client. Reload the page."))
        return held
    if client.lifecycle == Lifecycle.CLOSED or client.merged_into_id is not None:
        raise ValidationError(_("This client is closed: no callback can be planned."))
    if happened_on > today():
        raise ValidationError({"happened_on": _("Choose today or a day before.")})
    if happened_on < today() - OLDEST:
        raise ValidationError({"happened_on": _("That is more than a year ago: check the year.")})
    made = Occasion.objects.create(
        client=client,
        kind=kind,
        happened_on=happened_on,
        note=note.strip(),
        source_key=key,
        noted_by=by,
    )
    plan_callbacks(clients=[client.pk])
    return made


@transaction.atomic
def void_occasion(*, occasion: Occasion, by: Employee) -> None:
    """Void an occasion recorded by mistake; its callback is no longer due."""
    client = Client.objects.select_for_update().get(pk=occasion.client_id)
    rows = Occasion.objects.filter(pk=occasion.pk, void=False)
    if rows.update(void=True, voided_by=by):
        plan_callbacks(clients=[client.merged_into_id or client.pk])
