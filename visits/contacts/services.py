"""Writes of visits and callbacks: every one locks the client, and plans again before it commits.

What a person decides on a callback is kept in ``CallbackChange``. Refused input raises
ValidationError with a sentence; nothing is half-written. Corrections are in
``visits/contacts/corrections.py``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client, ContactPerson, Lifecycle
from crm import trading_days
from crm.reasons import clean_reason
from staff.models import Employee
from visits.contacts import attempts, invitations, rows, snooze_limits, wrong_numbers
from visits.contacts.callbacks import (
    cancel_row,
    create_row,
    future_trading_day,
    later_day,
    locked_open,
    note_change,
)
from visits.models import (
    Callback,
    CallbackChange,
    Channel,
    NextStep,
    Outcome,
    ScriptVersion,
    Visit,
)
from visits.planning.planner import plan_callbacks
from visits.planning.replan import replan
from visits.scripts import banned_phrases

P = ParamSpec("P")


def _once(log: Callable[P, Visit]) -> Callable[P, Visit]:
    """A form makes one contact. What is refused may be one that was saved already.

    Looked for then only: nearly every form is sent once.
    """

    @wraps(log)
    def logged(*args: P.args, **given: P.kwargs) -> Visit:
        try:
            return log(*args, **given)
        except (IntegrityError, ValidationError):
            same = rows.visit_of(cast(uuid.UUID, given["token"]))
            if same is None:
                raise
            return _same_form(
                same, cast(Client, given["client"]), cast(Employee, given["employee"])
            )

    return logged


@_once
@transaction.atomic
def log_visit(
    *,
    client: Client,
    employee: Employee,
    token: uuid.UUID,
    outcome: Outcome,
    channel: str = Channel.PHONE,
    occurred_at: datetime | None = None,
    callback: Callback | None = None,
    purpose: str = "",
    contact_person: ContactPerson | None = None,
    spoke_with: str = "",
    script_version: ScriptVersion | None = None,
    answers: Sequence[dict[str, str]] = (),
    attraction_style: str = "",
    question_styles: Sequence[str] = (),
    satisfaction_service: int | None = None,
    satisfaction_information: int | None = None,
    suggestions: str = "",
    notes: str = "",
    next_step: str = "",
    next_step_on: date | None = None,
    right_number: str = "",
    corrects: Visit | None = None,
) -> Visit:
    """Record a contact, close or count the callback it answers, plan the next (docs/callbacks.md).

    ``token`` is made with the form: the same one twice is one visit, which is returned again.
    Without ``next_step`` the outcome proposes it, with its date. Where the number was wrong,
    ``right_number`` (normal form) takes its place, else it is asked for by a callback. Whoever spoke
    as a ``contact_person`` did so in the role that the file gives them. Times that lie in the future,
    dates that no trading day follows and persons of another client raise ValidationError.
    """
    client = rows.locked_client(client)
    if contact_person is not None:
        spoke_with = _role_of(contact_person, client)
    occurred_at = occurred_at or timezone.now()
    if occurred_at > timezone.now() + timedelta(minutes=5):
        raise ValidationError({"occurred_at": _("The contact lies in the future: check the time.")})
    is_new = corrects is None
    if callback is not None:
        callback = _locked(callback, client, must_be_open=is_new)
    if not next_step:
        tried = callback if is_new else None
        day = timezone.localdate(occurred_at)
        next_step, next_step_on = _usual_step(client, tried, outcome, day)
    elif next_step == NextStep.CALL_AGAIN and not outcome.reached and is_new:
        attempts.check(callback, next_step_on)
    kept = corrects is not None and corrects.next_step_on == next_step_on
    if next_step_on is not None and not kept:
        next_step_on = future_trading_day(next_step_on, "next_step_on")
    visit = Visit.objects.create(
        client=client,
        employee=employee,
        token=token,
        outcome=outcome,
        reached=outcome.reached,
        channel=channel,
        occurred_at=occurred_at,
        occurred_on=timezone.localdate(occurred_at),
        callback=callback,
        confidential=callback is not None and callback.confidential,
        purpose=purpose,
        contact_person=contact_person,
        spoke_with=spoke_with,
        script_version=script_version,
        answers=list(answers),
        attraction_style=attraction_style,
        question_styles=list(question_styles),
        satisfaction_service=satisfaction_service,
        satisfaction_information=satisfaction_information,
        suggestions=suggestions,
        notes=notes,
        next_step=next_step,
        next_step_on=next_step_on,
        risk_grade=client.risk_grade,
        corrects=corrects,
    )
    apply_visit(visit)
    if is_new and outcome.key == Outcome.WRONG_NUMBER:
        wrong_numbers.correct(visit, right_number)
    banned_phrases.flag(visit)
    replan(client)
    return visit


def _role_of(person: ContactPerson, client: Client) -> str:
    """The role in which the person decides; of a client's own contact persons alone."""
    if person.client_id not in client.group:
        sentence = _("This person is not in the file of this client: choose whom you spoke with.")
        raise ValidationError({"contact_person": sentence})
    return person.role


def _same_form(same: Visit, client: Client, employee: Employee) -> Visit:
    """The visit that this form made before; a form belongs to one client and one person."""
    if same.client_id != client.pk or same.employee_id != employee.pk:
        raise ValidationError(_("This form was used for another contact. Reload the page."))
    return same


def _locked(callback: Callback, client: Client, *, must_be_open: bool) -> Callback:
    """The callback that a contact answers, locked; a correction may name one that is done."""
    callback = rows.locked_callback(callback.pk, client)
    if must_be_open and callback.status != Callback.Status.OPEN:
        raise ValidationError(
            _("This callback is no longer open. Record the contact from the client file.")
        )
    return callback


def _usual_step(
    client: Client, tried: Callback | None, outcome: Outcome, day: date
) -> tuple[str, date | None]:
    """What follows where nobody says what: a pause once ``tried`` used up its attempts, else what
    the outcome proposes. A closed client is owed no date."""
    again = attempts.next_try(tried, outcome, client.branch)
    step, on = again or proposed_step(outcome, day)
    return step, None if client.lifecycle == Lifecycle.CLOSED else on


def proposed_step(outcome: Outcome, day: date) -> tuple[str, date | None]:
    """What the outcome proposes next, and the date, trading days after ``day`` or today."""
    if outcome.next_step_days is None:
        return outcome.next_step, None
    start = max(day, trading_days.today())
    return outcome.next_step, trading_days.add(start, outcome.next_step_days)


def apply_visit(visit: Visit) -> None:
    """Update the client's callbacks and last contact for a new entry, without planning."""
    if visit.reached:
        _complete(visit)
    elif visit.callback_id is not None:
        _count_attempt(visit)
    if visit.corrects_id is not None:
        refresh_last_contact(visit.client)
    elif visit.reached and not visit.confidential:
        known = visit.client.last_contact_on
        _set_last_contact(visit.client, max(known or visit.occurred_on, visit.occurred_on))
    again = visit.next_step == NextStep.CALL_AGAIN
    follows_itself = not visit.reached and visit.callback_id is not None and again
    old = visit.corrects
    kept = old is not None and old.next_step_on == visit.next_step_on
    if visit.next_step_on and not follows_itself and not kept and visit.employee:
        create_row(
            client=visit.client,
            employee=visit.client.manager,
            due_on=visit.next_step_on,
            reason=f"{visit.get_next_step_display()} · {visit.outcome}",
            by=visit.employee,
            kind=Callback.Kind.PROMISE,
            occurrence=f"promise:{visit.token}",
        )


# What is answered, and what was joined with it and so was talked about, too; and what the contact
# makes superfluous.
_COMPLETE = """
UPDATE visits_callback SET status = 'done', done_at = %(now)s, done_on = %(day)s
WHERE client_id = %(client)s AND status IN ('open', 'merged')
  AND (id = %(answered)s AND kind <> 'cadence' OR merged_into_id = %(answered)s
       OR NOT %(confidential)s AND NOT confidential
          AND (kind = 'cadence' AND (anchor_on < %(day)s OR due_on <= %(day)s)
               OR kind = 'new_account' AND anchor_on <= %(day)s))
"""


def _complete(visit: Visit) -> None:
    """Close the callback of the contact, and callbacks that the contact makes superfluous.

    A cadence row counted from this very day stays until it is due: it is the next contact, and
    its occurrence cannot come a second time.
    """
    parameters: dict[str, Any] = {
        "now": timezone.now(),
        "day": visit.occurred_on,
        "client": visit.client_id,
        "answered": visit.callback_id,
        "confidential": visit.confidential,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COMPLETE, parameters)


def _count_attempt(visit: Visit) -> None:
    """Count an unsuccessful attempt; a date to call again moves the callback there."""
    callback, until = visit.callback, visit.next_step_on
    if callback is None or callback.status != Callback.Status.OPEN:
        return
    if visit.outcome.key == Outcome.WRONG_NUMBER:
        return  # nobody tried to reach the client
    Callback.objects.filter(pk=callback.pk).update(attempts=F("attempts") + 1)
    if until is None or visit.next_step != NextStep.CALL_AGAIN or visit.employee is None:
        return
    if callback.hard_limit_on is None or until <= callback.hard_limit_on:
        _move(callback, until, str(visit.outcome), visit.employee)


def refresh_last_contact(client: Client) -> None:
    """Copy the date of the last contact that reached the client onto the client."""
    latest = Visit.objects.that_reached(client).aggregate(day=Max("occurred_on"))["day"]
    _set_last_contact(client, latest)


_LAST_CONTACT = "UPDATE clients_client SET last_contact_on = %s WHERE id = %s"


def _set_last_contact(client: Client, latest: date | None) -> None:
    if latest != client.last_contact_on:
        client.last_contact_on = latest
        with connection.cursor() as cursor:
            cursor.execute(_LAST_CONTACT, [latest, client.pk])


@transaction.atomic
def snooze(
    *,
    callback: Callback,
    until: date,
    reason: str,
    by: Employee,
    rests_until: datetime | None = None,
    approved: bool = False,
) -> Callback:
    """Put an open callback off to the first trading day from ``until``, for a reason.

    With ``rests_until``, a later time of today, it stays or becomes due today and rests until then.
    ``approved``: a head has agreed to a day beyond the policy. Raises ValidationError for a date
    that is not in the future, lies beyond the hard limits, or needs an approval.
    """
    reason = clean_reason(reason)
    rows.lock_client(callback.client_id)
    callback = locked_open(callback)
    until = later_day(callback, until) if rests_until is None else _today(callback, rests_until)
    if callback.hard_limit_on is not None and until > callback.hard_limit_on:
        sentence = _("It must be done by %(day)s: choose an earlier date.")
        raise ValidationError({"until": sentence % {"day": callback.hard_limit_on.isoformat()}})
    snooze_limits.check(callback, until, by, field="until", approved=approved)
    _move(callback, until, reason, by, rests_until)
    plan_callbacks(clients=[callback.client_id])
    return rows.read_again(callback)


def _today(callback: Callback, rests_until: datetime) -> date:
    """Today, for what is due by now and has no time of its own; a time that is over is refused."""
    today = trading_days.today()
    if rests_until <= timezone.now() or timezone.localdate(rests_until) != today:
        raise ValidationError({"until": _("That time is over: choose another day.")})
    if callback.due_on > today or callback.starts_at is not None:
        raise ValidationError({"until": _("It is not due yet: choose a later day.")})
    return today


def _move(
    callback: Callback,
    until: date,
    reason: str,
    by: Employee,
    rests_until: datetime | None = None,
) -> None:
    before = callback.due_on
    callback.due_on = until
    callback.rests_until = rests_until
    callback.window_end = max(callback.window_end, until)
    callback.is_placed = True
    callback.over_capacity = False
    if callback.starts_at is not None:
        # An appointment keeps its time of day.
        callback.starts_at += until - before
    fields = ["due_on", "window_end", "is_placed", "over_capacity", "starts_at", "rests_until"]
    callback.save(update_fields=fields)
    note_change(callback, CallbackChange.Action.SNOOZED, before=before, reason=reason, by=by)
    invitations.announce(callback)


@transaction.atomic
def cancel(*, callback: Callback, reason: str, by: Employee) -> Callback:
    """Cancel an open callback, with a reason; the cadence continues with the next one."""
    reason = clean_reason(reason)
    rows.lock_client(callback.client_id)
    callback = locked_open(callback)
    cancel_row(callback, reason, by)
    invitations.announce(callback)
    plan_callbacks(clients=[callback.client_id])
    return callback


@transaction.atomic
def create_manual(
    *,
    client: Client,
    employee: Employee | None,
    due_on: date,
    reason: str,
    by: Employee,
    token: uuid.UUID | None = None,
) -> Callback:
    """Plan a callback by hand on the first trading day from ``due_on``.

    ``token`` is made with the form: the same one twice is one callback.
    """
    reason = clean_reason(reason)
    client = rows.locked_client(client)
    occurrence = f"manual:{token or uuid.uuid4()}"
    made = Callback.objects.filter(client=client, kind="manual", occurrence=occurrence).first()
    if made is not None:
        return made
    if client.lifecycle == Lifecycle.CLOSED or client.merged_into_id is not None:
        raise ValidationError(_("This client is closed: no callback can be planned."))
    day = due_on if due_on == trading_days.today() else future_trading_day(due_on, "due_on")
    day = trading_days.on_or_after(day)
    made = create_row(
        client=client, employee=employee, due_on=day, reason=reason, by=by, occurrence=occurrence
    )
    replan(client)
    made.refresh_from_db()
    return made
