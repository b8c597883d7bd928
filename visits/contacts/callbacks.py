"""Helpers of writes of callbacks: manual rows, the plan in force, checks of dates and reasons."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from clients.models import Client, Lifecycle
from crm import trading_days
from staff.models import Employee
from visits.contacts import rows
from visits.models import Callback, CallbackChange, CallbackPlan

# The latest date a person may choose: a typing mistake in the year is no plan.
FURTHEST = timedelta(days=366)


def create_row(
    *,
    client: Client,
    employee: Employee | None,
    due_on: date,
    reason: str,
    by: Employee,
    occurrence: str,
    kind: str = Callback.Kind.MANUAL,
) -> Callback:
    """Insert a manual callback or one promised in a visit, with its history entry; ``due_on`` is a trading day already."""
    if client.lifecycle == Lifecycle.CLOSED or client.merged_into_id is not None:
        raise ValidationError(_("This client is closed: no callback can be planned."))
    callback = Callback.objects.create(
        client=client,
        employee=employee,
        kind=kind,
        occurrence=occurrence,
        plan=plan_of(client),
        anchor_on=trading_days.today(),
        ideal_on=due_on,
        earliest_on=due_on,
        due_on=due_on,
        window_end=due_on,
        reason=reason[:200],
        is_placed=True,
    )
    note_change(callback, CallbackChange.Action.CREATED, before=None, reason=reason, by=by)
    return callback


def note_change(
    callback: Callback, action: str, *, before: date | None, reason: str, by: Employee
) -> CallbackChange:
    """Record a decision on ``callback`` as saved; ``before``: its former due date."""
    cancelled = action == CallbackChange.Action.CANCELLED
    return CallbackChange.objects.create(
        callback=callback,
        action=action,
        old_due_on=before,
        new_due_on=None if cancelled else callback.due_on,
        reason=reason[:200],
        employee=by,
    )


def cancel_row(callback: Callback, reason: str, by: Employee) -> None:
    """Cancel an open callback for good; planning does not restore it."""
    callback.status = Callback.Status.CANCELLED
    callback.cancelled_because = Callback.Cancelled.PERSON
    callback.save(update_fields=["status", "cancelled_because"])
    action = CallbackChange.Action.CANCELLED
    note_change(callback, action, before=callback.due_on, reason=reason, by=by)


def plan_of(client: Client) -> CallbackPlan | None:
    """The plan in force for the client's segment."""
    plans = CallbackPlan.objects.valid_on(trading_days.today()).filter(segment=client.segment_id)
    return plans.order_by("-valid_from").first()


# Written out, as what else follows a contact that is saved (``rows``).
_NEXT_DUE = """
SELECT min(due_on) FROM visits_callback
WHERE client_id = %s AND NOT confidential AND status = 'open'
"""


def next_due_on(client: Client) -> date | None:
    """The day of the open callback of the client that is due first."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_DUE, [client.pk])
        found: date | None = cursor.fetchone()[0]
    return found


def locked_open(callback: Callback) -> Callback:
    callback = rows.locked_callback(callback.pk)
    if callback.status != Callback.Status.OPEN:
        raise ValidationError(_("This callback is no longer open. Reload the page."))
    return callback


def later_day(callback: Callback, day: date) -> date:
    """The day that a callback is put off to; an appointment may be on any day."""
    later = future_trading_day(day, "until")
    return day if callback.kind == Callback.Kind.APPOINTMENT else later


def future_trading_day(day: date, field: str) -> date:
    """The first trading day from ``day``; ``field`` names the input in the error."""
    today = trading_days.today()
    if day <= today:
        raise ValidationError({field: _("Choose a date after today.")})
    if day > today + FURTHEST:
        raise ValidationError({field: _("Choose a date within a year.")})
    return trading_days.on_or_after(day)


def errors_of(error: ValidationError) -> dict[str, Any]:
    """Errors by field, those of no field under ``None``."""
    return error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
