"""Delivery of digests: claim by lease, send outside the transaction, confirm (docs/callbacks.md).

In the app: exactly once, because the inbox line and the confirmation are one transaction. By
e-mail and to addresses of one's own: at least once, an e-mail always with the same Message-ID. A
worker that dies in between leaves a lease that runs out, and the sweep takes the digest up again.
"""

from __future__ import annotations

import smtplib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone

from crm import trading_days
from staff.middleware import name_employee, system_work
from staff.models import Notification
from visits.models import Callback, DeliveryChannel, Digest, Endpoint, Reminder
from visits.notifications import inbox, messages, quiet_hours

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 5
AT_ONCE = 50
# Sending may take many seconds each, and all of them have to fit into the lease.
AT_ONCE_OUTSIDE = 5
INSIDE = (DeliveryChannel.IN_APP, DeliveryChannel.EMAIL)
OUTSIDE = (DeliveryChannel.ENDPOINT,)
# No lease or pause is longer; one that seems so was written by a clock that ran ahead.
LONGEST_PAUSE = timedelta(hours=3)
# Sealed digests that nobody took up for so long mean that dispatch is not alive.
LATE_AFTER = timedelta(minutes=10)
# Seconds after which a delivery ends and leaves the rest to the next sweep: well before Celery kills
# its worker (CELERY_TASK_TIME_LIMIT).
LONGEST = 240
# What was claimed and not tried waits no longer than until the sweep after the next.
PUT_BACK = timedelta(seconds=50)

_READY = f"""
    d.sealed_at IS NOT NULL AND d.status IN ('waiting', 'leased')
    AND (d.leased_until IS NULL OR d.leased_until <= %(now)s OR d.leased_until > %(ahead)s)
    AND (d.channel = 'in_app' OR NOT {quiet_hours.QUIET})
"""

# Chosen apart: within an IN, PostgreSQL may choose anew for each row, and lease more than the limit.
_CLAIM = f"""
    WITH ready AS MATERIALIZED (
        SELECT d.id FROM visits_digest d
        WHERE {_READY} AND d.channel = ANY (%(channels)s)
        ORDER BY d.channel <> 'in_app', d.id LIMIT %(limit)s FOR UPDATE OF d SKIP LOCKED)
    UPDATE visits_digest c
    SET status = 'leased', leased_until = %(until)s, attempts = attempts + 1
    FROM ready WHERE c.id = ready.id
    RETURNING c.id, c.attempts
"""  # noqa: S608

_WAITING = f"""
    SELECT EXISTS (SELECT FROM visits_digest d WHERE {_READY} AND d.channel = 'endpoint')
"""  # noqa: S608
_LATE = f"SELECT EXISTS (SELECT FROM visits_digest d WHERE {_READY} AND d.sealed_at <= %(now)s)"  # noqa: S608


@dataclass(frozen=True)
class Claim:
    """A digest leased by this worker; ``attempt`` tells it from an earlier lease."""

    digest_id: int
    attempt: int


def claim(now: datetime | None = None, channels: Sequence[str] = INSIDE) -> list[Claim]:
    """Lease sealed digests that nobody holds; others skip what is locked here."""
    now = now or timezone.now()
    with system_work(), connection.cursor() as cursor:
        _give_up(now)
        parameters = {
            **_ready(now),
            "until": now + LEASE,
            "channels": [str(channel) for channel in channels],
            "limit": AT_ONCE_OUTSIDE if channels == OUTSIDE else AT_ONCE,
        }
        cursor.execute(_CLAIM, parameters)
        claims = [Claim(*row) for row in cursor.fetchall()]
        Reminder.objects.filter(
            digest__in=[claim.digest_id for claim in claims], status=Reminder.Status.WAITING
        ).update(status=Reminder.Status.LEASED)
    return claims


def _ready(now: datetime) -> dict[str, Any]:
    return {"now": now, "ahead": now + LONGEST_PAUSE, **quiet_hours.parameters(now)}


def is_late(now: datetime | None = None) -> bool:
    """Whether deliverable digests have waited for more than ten minutes."""
    now = now or timezone.now()
    with connection.cursor() as cursor:
        parameters = {**_ready(now - LATE_AFTER), "clock": timezone.localtime(now).time()}
        cursor.execute(_LATE, parameters)
        late: bool = cursor.fetchone()[0]
        return late


def has_outside() -> bool:
    """Whether anything waits for the queue of addresses."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, _ready(timezone.now()))
        waits: bool = cursor.fetchone()[0]
        return waits


def _give_up(now: datetime) -> None:
    """Fail the digests whose lease ran out too often: their workers died of them."""
    dead = Digest.objects.filter(
        status=Digest.Status.LEASED, leased_until__lte=now, attempts__gte=F("attempts_allowed")
    )
    keys = list(dead.select_for_update(skip_locked=True).values_list("pk", flat=True))
    if keys:
        reason = "no worker lived to send it"
        Digest.objects.filter(pk__in=keys).update(status=Digest.Status.FAILED, error=reason)
        Reminder.objects.filter(digest__in=keys, status=Reminder.Status.LEASED).update(
            status=Reminder.Status.FAILED, reason=reason
        )


def prepare(claim: Claim) -> messages.Message | None:
    """Check the callbacks of the digest again; ``None`` if none is left.

    Renews the lease, so that a long queue of slow messages does not let it run out.
    """
    with transaction.atomic():
        digest = (
            Digest.objects.select_for_update(of=["self"])
            .select_related("employee__branch", "endpoint")
            .get(pk=claim.digest_id)
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
        digest.leased_until = timezone.now() + LEASE
        digest.save(update_fields=["leased_until"])
        # As of the day on which it is read: after an outage that is not the day it was made for.
        day = max(digest.day, trading_days.today())
        figures = mine.aggregate(
            due=Count("pk", filter=Q(due_on=day)), overdue=Count("pk", filter=Q(due_on__lt=day))
        )
        escalated = late.count()
        figures["ahead"] = own.filter(due_on__gt=day).count()
        return messages.Message(digest, figures, escalated, has_own=len(alive) > escalated)


def confirm(claim: Claim, message: messages.Message) -> bool:
    """Mark as sent; the inbox line is written in the same transaction. False when the lease was
    lost to another worker meanwhile."""
    with transaction.atomic():
        name_employee(message.digest.employee)
        mine = Digest.objects.filter(
            pk=claim.digest_id, status=Digest.Status.LEASED, attempts=claim.attempt
        )
        if not mine.update(status=Digest.Status.SENT, sent_at=timezone.now(), error=""):
            return False
        if message.digest.channel == DeliveryChannel.IN_APP:
            Notification.objects.bulk_create(_lines(message), ignore_conflicts=True)
        if message.digest.endpoint_id:
            Endpoint.objects.filter(pk=message.digest.endpoint_id).update(
                last_ok_at=timezone.now(), last_error=""
            )
        _reminders(claim, Reminder.Status.SENT)
        return True


def _lines(message: messages.Message) -> list[Notification]:
    """A line for the employee's own work, and one for long overdue callbacks of the branch."""
    employee, pk = message.digest.employee, message.digest.pk
    lines = []
    if message.has_own:
        lines.append(
            Notification(
                employee=employee,
                kind=Notification.Kind.DIGEST,
                key=f"digest:{pk}",
                params=message.figures,
                url=reverse("visits:today"),
            )
        )
    if message.escalated:
        lines.append(
            Notification(
                employee=employee,
                kind=Notification.Kind.ESCALATION,
                key=f"escalation:{pk}",
                params={"count": message.escalated},
                url=reverse("visits:escalations"),
            )
        )
    return lines


def fail(claim: Claim, error: Exception) -> str:
    """Record a failure; retry after a growing pause, and give up after some attempts."""
    # What an address answered is a sentence already.
    name = "" if isinstance(error, messages.Refused) else f"{type(error).__name__}: "
    reason = f"{name}{error}"[:300]
    with transaction.atomic():
        name_employee(None)
        digest = Digest.objects.select_for_update().get(pk=claim.digest_id)
        if digest.status != Digest.Status.LEASED or digest.attempts != claim.attempt:
            return reason
        final = digest.attempts >= digest.attempts_allowed
        tries = MOST_ATTEMPTS - max(0, digest.attempts_allowed - digest.attempts)
        digest.status = Digest.Status.FAILED if final else Digest.Status.WAITING
        digest.leased_until = timezone.now() + LEASE * 2 ** max(1, tries)
        digest.error = reason
        digest.save(update_fields=["status", "leased_until", "error"])
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


def _reminders(claim: Claim, status: str, reason: str = "") -> None:
    Reminder.objects.filter(
        Q(status=Reminder.Status.LEASED) | Q(status=Reminder.Status.WAITING),
        digest=claim.digest_id,
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
            message = None if held.digest_id in done else prepare(held)
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


def _put_back(claim: Claim, reason: str) -> None:
    """Leave a digest that was not tried to the next sweep; this claim was no attempt of it."""
    with transaction.atomic():
        name_employee(None)
        mine = Digest.objects.filter(
            pk=claim.digest_id, status=Digest.Status.LEASED, attempts=claim.attempt
        )
        if mine.update(
            status=Digest.Status.WAITING,
            leased_until=timezone.now() + PUT_BACK,
            attempts_allowed=F("attempts_allowed") + 1,
            error=reason,
        ):
            _reminders(claim, Reminder.Status.WAITING, reason[:200])


def deliver_outside() -> int:
    """Deliver to addresses of employees, which may hang, in a separate queue."""
    return deliver(channels=OUTSIDE)
