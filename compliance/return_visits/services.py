"""Writes of return visits: record, review, assign, close, plan manually.

Every one locks the client first, as the writes of visits do. Refused input raises ValidationError
with a sentence; nothing is half-written.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client, Lifecycle
from compliance.cases import services as cases
from compliance.models import ReturnVisit, ReturnVisitStep
from compliance.planning import planner
from compliance.visitors.services import candidates
from crm import trading_days
from staff.models import Employee
from visits.contacts import attempts
from visits.contacts.services import log_visit
from visits.models import Callback, NextStep, Outcome, ScriptVersion, Visit

LONGEST_WORDS = 500
Step = ReturnVisitStep.Action


@transaction.atomic
def record(
    *,
    return_visit: ReturnVisit,
    by: Employee,
    token: uuid.UUID,
    outcome: Outcome,
    channel: str,
    occurred_at: datetime | None = None,
    script_version: ScriptVersion | None = None,
    answers: Sequence[dict[str, str]] = (),
    findings: Sequence[dict[str, str]] = (),
    notes: str = "",
) -> Visit:
    """Log a return visit as a confidential entry; ``findings`` open an exception case.

    A try that reached nobody leaves it open for another day. ``token`` is made with the form: the
    same one twice is one visit.
    """
    row = _locked(return_visit)
    callback = row.callback
    before = Visit.objects.filter(token=token).exists()
    if not before and (callback.status != Callback.Status.OPEN or callback.employee_id != by.pk):
        raise ValidationError(
            _(
                "This return visit is no longer yours to make. Reload the page; copy your words first."
            )
        )
    rows = [row, *_joined(row)]
    again = None if outcome.reached else _next_try(callback, outcome)
    visit = log_visit(
        client=callback.client,
        employee=by,
        token=token,
        outcome=outcome,
        channel=channel,
        occurred_at=occurred_at,
        callback=None if before else callback,
        script_version=script_version,
        answers=answers,
        notes=notes,
        # Never a promise: that would be the manager's to keep, and to see.
        next_step=NextStep.NONE if outcome.reached else NextStep.CALL_AGAIN,
        next_step_on=again,
    )
    if before:
        return visit
    if not outcome.reached:
        _note(row, Step.TRIED, by, visit=visit)
        planner.join([callback.client_id])
        return visit
    for one in rows:
        one.visit, one.visited_by, one.visited_on = visit, by, visit.occurred_on
        one.is_returned = False
        one.save(update_fields=["visit", "visited_by", "visited_on", "is_returned"])
        _note(one, Step.VISITED, by, visit=visit)
    if findings:
        cases.open_case(visit=visit, findings=findings)
    return visit


def _next_try(callback: Callback, outcome: Outcome) -> date | None:
    """Date of the next attempt: as for visits, but not beyond a future hard limit."""
    today = trading_days.today()
    next_day = attempts.next_try(callback, outcome, callback.client.branch)
    day = next_day[1] if next_day else trading_days.add(today, outcome.next_step_days or 1)
    # Reasons that are visited together stay within the limits of all.
    joined = callback.joined.filter(status=Callback.Status.MERGED, hard_limit_on__isnull=False)
    limits = [*joined.values_list("hard_limit_on", flat=True), callback.hard_limit_on]
    limit = min((day for day in limits if day), default=None)
    if limit is None or limit <= today or day <= limit:
        return day
    left = trading_days.between(today, limit)[1:]
    return left[-1] if left else None


@transaction.atomic
def review(*, return_visit: ReturnVisit, by: Employee, accept: bool, words: str) -> ReturnVisit:
    """Accept a visit or return it with a comment. The visitor cannot review their own visit."""
    row = _locked(return_visit)
    if row.state != ReturnVisit.State.TO_REVIEW:
        raise ValidationError(_("Somebody has reviewed this visit meanwhile. Reload the page."))
    if row.visited_by_id == by.pk:
        raise ValidationError(_("Whoever made the visit does not review it. Ask somebody else."))
    words = _checked(words, needed=not accept)
    rows = [row, *_joined(row)]
    for one in rows:
        if accept:
            one.reviewed_by, one.reviewed_at = by, timezone.now()
        one.is_returned = not accept
        one.save(update_fields=["reviewed_by", "reviewed_at", "is_returned"])
        _note(one, Step.ACCEPTED if accept else Step.RETURNED, by, words)
    if accept:
        return row
    day = trading_days.add(trading_days.today(), 1)
    callback = row.callback
    callback.status, callback.done_at, callback.done_on = Callback.Status.OPEN, None, None
    callback.due_on = day
    callback.window_end = max(callback.window_end, day)
    callback.save(update_fields=["status", "done_at", "done_on", "due_on", "window_end"])
    with_it = callback.joined.filter(return_visit__in=rows)
    with_it.update(status=Callback.Status.MERGED, done_at=None, done_on=None)
    planner.join([callback.client_id])
    return row


@transaction.atomic
def assign(*, return_visit: ReturnVisit, to: Employee, by: Employee) -> ReturnVisit:
    """Assign an open return visit to an employee who may make it."""
    row = _open(return_visit)
    if not candidates(row.callback.client).filter(pk=to.pk).exists():
        raise ValidationError(
            {"to": _("This person may not make it: choose one of those who are offered.")}
        )
    if row.callback.employee_id != to.pk:
        Callback.objects.filter(pk=row.callback_id).update(employee=to)
        row.callback.joined.filter(status=Callback.Status.MERGED).update(employee=to)
        row.callback.employee = to
        _note(row, Step.ASSIGNED, by, str(to))
    return row


@transaction.atomic
def close(*, return_visit: ReturnVisit, words: str, by: Employee) -> ReturnVisit:
    """Close an open return visit unmade, with a reason; the sample takes another client."""
    row = _open(return_visit)
    words = _checked(words, needed=True)
    for one in [row, *_joined(row)]:
        callback = one.callback
        callback.status = Callback.Status.CANCELLED
        callback.cancelled_because = Callback.Cancelled.PERSON
        callback.save(update_fields=["status", "cancelled_because"])
        _note(one, Step.CLOSED, by, words)
    return row


@transaction.atomic
def plan_by_hand(
    *, client: Client, due_on: date, words: str, by: Employee, token: uuid.UUID
) -> ReturnVisit:
    """Plan a return visit manually, on the first trading day from ``due_on``.

    ``token`` is made with the form: the same one twice is one return visit.
    """
    client = Client.objects.select_for_update().get(pk=client.pk)
    occurrence = f"hand:{token}"
    made = ReturnVisit.objects.filter(
        callback__client=client, callback__occurrence=occurrence
    ).first()
    if made is not None:
        return made
    words = _checked(words, needed=True)
    if client.lifecycle != Lifecycle.CLIENT or client.merged_into_id is not None:
        raise ValidationError(_("Return visits are for clients with an open account."))
    today = trading_days.today()
    if not today <= due_on <= today.replace(day=1, month=1, year=today.year + 2):
        raise ValidationError({"due_on": _("Choose a date from today, within this or next year.")})
    day = trading_days.on_or_after(due_on)
    callback = Callback.objects.create(
        client=client,
        kind=Callback.Kind.COMPLIANCE,
        occurrence=occurrence,
        anchor_on=today,
        ideal_on=due_on,
        earliest_on=day,
        due_on=day,
        window_end=day,
        confidential=True,
    )
    made = ReturnVisit.objects.create(callback=callback, reason=ReturnVisit.Reason.HAND)
    _note(made, Step.PLANNED, by, words)
    planner.give(callback.pk)
    planner.join([client.pk])
    callback.refresh_from_db()
    return made


def _locked(return_visit: ReturnVisit) -> ReturnVisit:
    """The row read under lock, after the client, the order of all writes.

    Of several of one client and day it is the one that leads, whichever is given.
    """
    Client.objects.select_for_update().get(pk=return_visit.callback.client_id)
    rows = ReturnVisit.objects.select_for_update(of=("self", "callback"))
    rows = rows.select_related("callback__client__branch")
    row = rows.get(pk=return_visit.pk)
    lead = row.callback.merged_into_id
    return row if lead is None else rows.get(callback=lead)


def _joined(row: ReturnVisit) -> list[ReturnVisit]:
    """The others of the same contact: merged into it while it is open, visited with it after."""
    rows = ReturnVisit.objects.filter(callback__merged_into=row.callback_id)
    if row.callback.status == Callback.Status.OPEN:
        rows = rows.filter(callback__status=Callback.Status.MERGED)
    else:
        rows = rows.filter(callback__status=row.callback.status, visit=row.visit_id)
    return list(rows.select_related("callback").order_by("pk"))


def _open(return_visit: ReturnVisit) -> ReturnVisit:
    row = _locked(return_visit)
    if row.callback.status != Callback.Status.OPEN:
        raise ValidationError(_("This return visit is no longer open. Reload the page."))
    return row


def _note(
    row: ReturnVisit, action: str, by: Employee, words: str = "", visit: Visit | None = None
) -> None:
    ReturnVisitStep.objects.create(
        return_visit=row, action=action, words=words[:LONGEST_WORDS], visit=visit, employee=by
    )


def _checked(words: str, *, needed: bool) -> str:
    words = words.strip()
    if needed and not words:
        raise ValidationError({"words": _("Say why.")})
    if len(words) > LONGEST_WORDS:
        raise ValidationError({"words": _("Say it in at most 500 characters.")})
    return words
