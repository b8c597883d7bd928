"""Delivery of digests: claim by lease, send outside the transaction, confirm (docs/callbacks.md).

In the app: exactly once, because the inbox line and the confirmation are one transaction. By
e-mail and to addresses of one's own: at least once, an e-mail always with the same Message-ID. A
worker that dies in between leaves a lease that runs out, and the sweep takes the digest up again.
"""

from __future__ import annotations

import smtplib
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from crm import periodic, trading_days
from crm.leases import Held, Lease
from staff.middleware import name_employee, system_work
from staff.notifications.services import Line, notify
from visits.models import Callback, DeliveryChannel, Digest, Endpoint, Reminder
from visits.notifications import inbox, messages, quiet_hours
from visits.notifications.kinds import DIGEST, ESCALATION

MOST_ATTEMPTS = 5
AT_ONCE = 50
# Sending may take many seconds each, and all of them have to fit into the lease.
AT_ONCE_OUTSIDE = 5
INSIDE = (DeliveryChannel.IN_APP, DeliveryChannel.EMAIL)
OUTSIDE = (DeliveryChannel.ENDPOINT,)
LEASE = Lease(
    Digest,
    until="leased_until",
    state="status",
    waiting=Digest.Status.WAITING.value,
    held=Digest.Status.LEASED.value,
    length=timedelta(minutes=2),
    # The pauses after failures are longer than a lease.
    longest=timedelta(hours=3),
)
# Sealed digests that nobody took up for so long mean that dispatch is not alive.
LATE_AFTER = timedelta(minutes=10)
# Seconds after which a delivery ends and leaves the rest to the next sweep: well before Celery kills
# its worker (CELERY_TASK_TIME_LIMIT).
LONGEST = 240
# What was claimed and not tried waits no longer than until the sweep after the next.
PUT_BACK = timedelta(seconds=50)

_SEALED = f"l.sealed_at IS NOT NULL AND (l.channel = 'in_app' OR NOT {quiet_hours.QUIET})"
_READY = f"SELECT EXISTS (SELECT FROM visits_digest l WHERE {LEASE.free} AND {_SEALED}"  # noqa: S608
_WAITING = f"{_READY} AND l.channel = 'endpoint')"
_LATE = f"{_READY} AND l.sealed_at <= %(now)s)"


def claim(now: datetime | None = None, channels: Sequence[str] = INSIDE) -> list[Held]:
    """Lease sealed digests that nobody holds; others skip what is locked here."""
    now = now or timezone.now()
    with system_work():
        _give_up(now)
        claims = LEASE.claim(
            now,
            where=f"{_SEALED} AND l.channel = ANY (%(channels)s)",
            parameters={
                **quiet_hours.parameters(now),
                "channels": [str(channel) for channel in channels],
            },
            order="l.channel <> 'in_app', l.id",
            limit=AT_ONCE_OUTSIDE if channels == OUTSIDE else AT_ONCE,
        )
        Reminder.objects.filter(
            digest__in=[claim.pk for claim in claims], status=Reminder.Status.WAITING
        ).update(status=Reminder.Status.LEASED)
    return claims


def _ready(now: datetime) -> dict[str, Any]:
    return {**LEASE.moment(now), **quiet_hours.parameters(now)}


def is_late(now: datetime | None = None) -> bool:
    """Whether deliverable digests have waited for more than ten minutes."""
    now = now or timezone.now()
    with connection.cursor() as cursor:
        parameters = {**_ready(now - LATE_AFTER), "clock": timezone.localtime(now).time()}
        cursor.execute(_LATE, parameters)
        late: bool = cursor.fetchone()[0]
        return late


def note_alive() -> None:
    """Say that dispatch is alive, unless digests that could have gone lie there."""
    if not is_late():
        periodic.note_alive("dispatch")


def has_outside() -> bool:
    """Whether anything waits for the queue of addresses."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, _ready(timezone.now()))
        waits: bool = cursor.fetchone()[0]
        return waits


def _give_up(now: datetime) -> None:
    """Fail the digests that every worker died of; they would be taken up for ever."""
    dead = Digest.objects.filter(LEASE.run_out(now), attempts__gte=F("attempts_allowed"))
    keys = list(dead.select_for_update(skip_locked=True).values_list("pk", flat=True))
    if keys:
        reason = "no worker lived to send it"
        Digest.objects.filter(pk__in=keys).update(status=Digest.Status.FAILED, error=reason)
        Reminder.objects.filter(digest__in=keys, status=Reminder.Status.LEASED).update(
            status=Reminder.Status.FAILED, reason=reason
        )


def prepare(claim: Held) -> messages.Message | None:
    """Check again what the digest speaks of; ``None`` when nothing is left to say.

    Renews the lease, so that a long queue of slow messages does not let it run out.
    """
    with transaction.atomic():
        digest = (
            Digest.objects.select_for_update(of=["self"])
            .select_related("employee__branch", "endpoint")
            .get(pk=claim.pk)
        )
        if digest.status != Digest.Status.LEASED or digest.attempts != claim.attempt:
            return None
        name_employee(digest.employee)
        reminders = digest.reminders.filter(status=Reminder.Status.LEASED)
        visible = Callback.objects.visible_to(digest.employee).filter(status=Callback.Status.OPEN)
        mine = visible.filter(employee=digest.employee)
        same_day = Q(due_on=F("callback__due_on"))
        own = reminders.filter(same_day, escalated=False, callback__in=mine)
        late = reminders.filter(same_day, escalated=True, callback__in=visible)
        alive = [*own.values_list("pk", "due_on"), *late.values_list("pk", "due_on")]
        reminders.exclude(pk__in=[pk for pk, _due in alive]).update(
            status=Reminder.Status.CANCELLED, reason="done, moved away or no longer visible"
        )
        gone = digest.endpoint and (digest.endpoint.removed_at or not digest.endpoint.enabled)
        if not digest.employee.is_active or not alive or gone:
            reason = "address switched off" if gone else "nothing left to say"
            reminders.update(status=Reminder.Status.CANCELLED, reason=reason)
            digest.status = Digest.Status.CANCELLED
            digest.save(update_fields=["status"])
            return None
        LEASE.extend(claim, timezone.now())
        # As of the day on which it is read: after an outage that is not the day it was made for.
        day = max(digest.day, trading_days.today())
        figures = mine.aggregate(
            due=Count("pk", filter=Q(due_on=day)), overdue=Count("pk", filter=Q(due_on__lt=day))
        )
        escalated = late.count()
        figures["ahead"] = own.filter(due_on__gt=day).count()
        return messages.Message(digest, figures, escalated, has_own=len(alive) > escalated)


def confirm(claim: Held, message: messages.Message) -> bool:
    """Mark as sent; the inbox line is written in the same transaction. False when the lease was
    lost to another worker meanwhile."""
    with transaction.atomic():
        name_employee(message.digest.employee)
        now = timezone.now()
        if not LEASE.end(claim, Digest.Status.SENT, sent_at=now, error=""):
            return False
        if message.digest.channel == DeliveryChannel.IN_APP:
            _tell(message)
        if message.digest.endpoint_id:
            Endpoint.objects.filter(pk=message.digest.endpoint_id).update(
                last_ok_at=timezone.now(), last_error=""
            )
        _reminders(claim, Reminder.Status.SENT)
        return True


def _tell(message: messages.Message) -> None:
    """One line for one's own work, and one for what is long overdue in one's branch."""
    employee, pk = message.digest.employee_id, message.digest.pk
    if message.has_own:
        notify(DIGEST, [Line(employee, f"digest:{pk}", message.figures)])
    if message.escalated:
        notify(ESCALATION, [Line(employee, f"escalation:{pk}", {"count": message.escalated})])


def fail(claim: Held, error: Exception) -> str:
    """Keep the reason; try again after a growing pause, and give up after some attempts."""
    # What an address answered is a sentence already.
    name = "" if isinstance(error, messages.Refused) else f"{type(error).__name__}: "
    reason = f"{name}{error}"[:300]
    with transaction.atomic():
        name_employee(None)
        digest = Digest.objects.select_for_update().get(pk=claim.pk)
        if digest.status != Digest.Status.LEASED or digest.attempts != claim.attempt:
            return reason
        final = digest.attempts >= digest.attempts_allowed
        tries = MOST_ATTEMPTS - max(0, digest.attempts_allowed - digest.attempts)
        status = Digest.Status.FAILED if final else Digest.Status.WAITING
        pause = LEASE.length * 2 ** max(1, tries)
        LEASE.end(claim, status, until=timezone.now() + pause, error=reason)
        state = Reminder.Status.FAILED if final else Reminder.Status.WAITING
        _reminders(claim, state, reason[:200])
        if digest.endpoint_id:
            Endpoint.objects.filter(pk=digest.endpoint_id).update(
                last_failed_at=timezone.now(), last_error=reason[:200]
            )
    return reason


def retry(*, digest: Digest) -> bool:
    """Allow a failed digest five more attempts. Returns False if it has not failed.

    The count of attempts goes on: it tells the leases apart.
    """
    with transaction.atomic():
        failed = Digest.objects.filter(pk=digest.pk, status=Digest.Status.FAILED)
        if not failed.update(
            status=Digest.Status.WAITING,
            leased_until=None,
            attempts_allowed=F("attempts") + MOST_ATTEMPTS,
        ):
            return False
        digest.reminders.filter(status=Reminder.Status.FAILED).update(
            status=Reminder.Status.WAITING
        )
        return True


def _reminders(claim: Held, status: str, reason: str = "") -> None:
    Reminder.objects.filter(
        Q(status=Reminder.Status.LEASED) | Q(status=Reminder.Status.WAITING),
        digest=claim.pk,
    ).update(status=status, reason=reason)


def deliver(channels: Sequence[str] = INSIDE) -> int:
    """Claim and send whatever is sealed, the app first; how many digests were sent.

    A mail server that does not answer is asked once: the other e-mails wait for the next sweep.
    """
    sent, end, down = 0, time.monotonic() + LONGEST, ""
    while time.monotonic() < end and (claims := claim(channels=channels)):
        done = inbox.put(claims) if DeliveryChannel.IN_APP in channels else set()
        sent += len(done)
        for held in claims:
            message = None if held.pk in done else prepare(held)
            if message is None:
                continue
            by_mail = message.digest.channel == DeliveryChannel.EMAIL
            if (down and by_mail) or time.monotonic() > end:
                _put_back(held, down)
                continue
            try:
                messages.send(message)
            except Exception as error:
                reason = fail(held, error)
                down = reason if by_mail and _is_down(error) else down
                continue
            sent += confirm(held, message)
        if down:
            channels = (DeliveryChannel.IN_APP,)
    return sent


def _is_down(error: Exception) -> bool:
    """Whether the mail server did not answer, rather than refuse this e-mail."""
    broken = (smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected)
    return isinstance(error, broken) or (
        isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException)
    )


def _put_back(claim: Held, reason: str) -> None:
    """Leave a digest that was not tried to the next sweep; this claim was no attempt of it."""
    with transaction.atomic():
        name_employee(None)
        if LEASE.give_back(
            claim,
            until=timezone.now() + PUT_BACK,
            attempts_allowed=F("attempts_allowed") + 1,
            error=reason,
        ):
            _reminders(claim, Reminder.Status.WAITING, reason[:200])


def deliver_outside() -> int:
    """Deliver to addresses of employees, which may hang, in a separate queue."""
    return deliver(channels=OUTSIDE)
