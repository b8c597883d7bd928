"""Putting a callback off beyond the policy: somebody asks, a head decides."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from crm.addresses import address
from crm.reasons import clean_reason
from staff.models import Employee
from staff.notifications.services import Line, notify
from visits.contacts import callbacks, rows, services, snooze_limits
from visits.models import Callback, CallbackChange
from visits.notifications.kinds import SNOOZE_ASKED, SNOOZE_DECIDED

Action = CallbackChange.Action


def put_off(
    *,
    callback: Callback,
    until: date,
    reason: str,
    by: Employee,
    rests_until: datetime | None = None,
) -> CallbackChange | Callback:
    """Put a callback off, or where the policy wants a head's approval ask for it.

    Returns the callback on its new day, or the question, which moves nothing. Raises
    ValidationError for what even a head may not grant.
    """
    try:
        return services.snooze(
            callback=callback, until=until, reason=reason, by=by, rests_until=rests_until
        )
    except ValidationError as error:
        if not _wants_approval(error):
            raise
    return _ask(callback, until, clean_reason(reason), by)


def _wants_approval(error: ValidationError) -> bool:
    fields = getattr(error, "error_dict", {})
    return any(one.code == snooze_limits.ASKS for errors in fields.values() for one in errors)


@transaction.atomic
def _ask(callback: Callback, until: date, reason: str, by: Employee) -> CallbackChange:
    rows.lock_client(callback.client_id)
    callback = callbacks.locked_open(callback)
    asked = CallbackChange.objects.create(
        callback=callback,
        action=Action.ASKED,
        old_due_on=callback.due_on,
        new_due_on=callbacks.later_day(callback, until),
        reason=reason,
        employee=by,
    )
    heads = snooze_limits.approvers(callback, by).select_related("branch")
    nearest = max((len(head.branch.path) for head in heads if head.branch), default=0)
    lines = [
        Line(
            head.pk,
            f"snooze_asked:{asked.pk}:{head.pk}",
            {"name": by.full_name},
            address("visits:decide_snooze", callback.public_id),
        )
        for head in heads
        if head.branch and len(head.branch.path) == nearest
    ]
    notify(SNOOZE_ASKED, lines)
    return asked


def asked_of(callback: Callback) -> CallbackChange | None:
    """The question about an open callback that no later decision has answered."""
    if callback.status != Callback.Status.OPEN:
        return None
    changes = CallbackChange.objects.filter(callback=callback).exclude(action=Action.REASSIGNED)
    latest = changes.select_related("employee").order_by("-pk").first()
    return latest if latest is not None and latest.action == Action.ASKED else None


def may_decide(head: Employee, asked: CallbackChange) -> bool:
    """Whether ``head`` may answer the question: a head above the client, nobody concerned."""
    heads = snooze_limits.approvers(asked.callback, asked.employee)
    return heads.filter(pk=head.pk).exists()


def waiting_for(head: Employee) -> QuerySet[CallbackChange]:
    """The questions that ``head`` may answer, the oldest first."""
    later = CallbackChange.objects.filter(callback=OuterRef("callback"), pk__gt=OuterRef("pk"))
    seen = Callback.objects.editable_by(head).open().exclude(employee=head)
    asked = CallbackChange.objects.filter(action=Action.ASKED, callback__in=seen)
    asked = asked.exclude(employee=head)
    answered = Exists(later.exclude(action=Action.REASSIGNED))
    return asked.filter(~answered).select_related("callback__client", "employee").order_by("pk")


@transaction.atomic
def grant(*, asked: CallbackChange, by: Employee) -> Callback:
    """Put the callback off as asked. Raises ValidationError where that is no longer possible."""
    callback = _undecided(asked)
    until = asked.new_due_on or callback.due_on
    made = services.snooze(
        callback=callback, until=until, reason=asked.reason, by=by, approved=True
    )
    _tell(asked, by, granted=True)
    return made


@transaction.atomic
def refuse(*, asked: CallbackChange, reason: str, by: Employee) -> Callback:
    """Leave the callback on its day, for a reason."""
    reason = clean_reason(reason)
    callback = _undecided(asked)
    callbacks.note_change(callback, Action.REFUSED, before=callback.due_on, reason=reason, by=by)
    _tell(asked, by, granted=False)
    return callback


def _undecided(asked: CallbackChange) -> Callback:
    """The callback, locked. Raises ValidationError where somebody else was faster."""
    rows.lock_client(asked.callback.client_id)
    callback = callbacks.locked_open(asked.callback)
    now = asked_of(callback)
    if now is None or now.pk != asked.pk:
        raise ValidationError(_("This was decided meanwhile. Reload the page."))
    return callback


def _tell(asked: CallbackChange, by: Employee, *, granted: bool) -> None:
    figures = {"name": by.full_name, "granted": granted}
    key = f"snooze_decided:{asked.pk}"
    line = Line(asked.employee_id, key, figures, asked.callback.get_absolute_url())
    notify(SNOOZE_DECIDED, [line])
