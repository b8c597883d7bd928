"""Delivery of digests: claim by lease, send outside the transaction, confirm (design §4).

In the app: exactly once, because the inbox line and the confirmation are one transaction. By
e-mail: at least once, always with the same Message-ID. A worker that dies in between leaves a
lease that runs out, and the sweep takes the digest up again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from crm import trading_days
from staff.middleware import name_employee
from staff.models import Notification
from visits.models import Callback, DeliveryChannel, Digest, Reminder

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 5
AT_ONCE = 50

_CLAIM = """
    UPDATE visits_digest SET status = 'leased', leased_until = %(until)s, attempts = attempts + 1
    WHERE id IN (
        SELECT id FROM visits_digest
        WHERE sealed_at IS NOT NULL AND status IN ('waiting', 'leased')
          AND (leased_until IS NULL OR leased_until <= %(now)s)
        ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING id, attempts
"""


@dataclass(frozen=True)
class Claim:
    """A digest leased by this worker; ``attempt`` tells it from an earlier lease."""

    digest_id: int
    attempt: int


@dataclass(frozen=True)
class Message:
    """What a digest says: figures only, no client's name."""

    digest: Digest
    figures: dict[str, int]


def claim(now: datetime | None = None) -> list[Claim]:
    """Lease sealed digests that nobody holds; others skip what is locked here."""
    now = now or timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        _give_up(now)
        cursor.execute(_CLAIM, {"now": now, "until": now + LEASE, "limit": AT_ONCE})
        claims = [Claim(*row) for row in cursor.fetchall()]
        Reminder.objects.filter(
            digest__in=[claim.digest_id for claim in claims], status=Reminder.Status.WAITING
        ).update(status=Reminder.Status.LEASED)
    return claims


def _give_up(now: datetime) -> None:
    """Fail the digests that every worker died of; they would be taken up for ever."""
    dead = Digest.objects.filter(
        status=Digest.Status.LEASED, leased_until__lte=now, attempts__gte=MOST_ATTEMPTS
    )
    keys = list(dead.select_for_update(skip_locked=True).values_list("pk", flat=True))
    if keys:
        reason = "no worker lived to send it"
        Digest.objects.filter(pk__in=keys).update(status=Digest.Status.FAILED, error=reason)
        Reminder.objects.filter(digest__in=keys, status=Reminder.Status.LEASED).update(
            status=Reminder.Status.FAILED, reason=reason
        )


def prepare(claim: Claim) -> Message | None:
    """Check again what the digest speaks of; ``None`` when nothing is left to say."""
    with transaction.atomic():
        digest = (
            Digest.objects.select_for_update(of=["self"])
            .select_related("employee")
            .get(pk=claim.digest_id)
        )
        if digest.status != Digest.Status.LEASED or digest.attempts != claim.attempt:
            return None
        name_employee(digest.employee)
        reminders = digest.reminders.filter(status=Reminder.Status.LEASED)
        visible = Callback.objects.visible_to(digest.employee).filter(
            status=Callback.Status.OPEN, employee=digest.employee
        )
        alive = reminders.filter(callback__in=visible, due_on=F("callback__due_on"))
        reminders.exclude(pk__in=list(alive.values_list("pk", flat=True))).update(
            status=Reminder.Status.CANCELLED, reason="done, moved away or no longer visible"
        )
        if not digest.employee.is_active or not alive.exists():
            reminders.update(status=Reminder.Status.CANCELLED, reason="nothing left to say")
            digest.status = Digest.Status.CANCELLED
            digest.save(update_fields=["status"])
            return None
        # As of the day on which it is read: after an outage that is not the day it was made for.
        day = max(digest.day, trading_days.today())
        figures = {
            "due": visible.filter(due_on=day).count(),
            "overdue": visible.filter(due_on__lt=day).count(),
            "ahead": alive.filter(due_on__gt=day).count(),
        }
        return Message(digest, figures)


def send(message: Message) -> None:
    """Hand the message to the outside; nothing to do for the inbox. Raises what the mailer does."""
    digest = message.digest
    if digest.channel != DeliveryChannel.EMAIL:
        return
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    employee = digest.employee
    with translation.override(employee.language or settings.LANGUAGE_CODE):
        context = {
            "employee": employee,
            "figures": message.figures,
            "url": settings.SITE_URL.rstrip("/") + reverse("visits:today"),
        }
        subject = render_to_string("email/digest_subject.txt", context).strip()
        body = render_to_string("email/digest.txt", context)
    EmailMessage(
        subject, body, to=[employee.email], headers={"Message-ID": f"<digest-{digest.pk}@{host}>"}
    ).send()


def confirm(claim: Claim, message: Message) -> bool:
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
            Notification.objects.bulk_create(
                [
                    Notification(
                        employee=message.digest.employee,
                        kind=Notification.Kind.DIGEST,
                        key=f"digest:{claim.digest_id}",
                        params=message.figures,
                        url=reverse("visits:today"),
                    )
                ],
                ignore_conflicts=True,
            )
        _reminders(claim, Reminder.Status.SENT)
        return True


def fail(claim: Claim, error: Exception) -> None:
    """Keep the reason; try again after a growing pause, and give up after five attempts."""
    final = claim.attempt >= MOST_ATTEMPTS
    reason = f"{type(error).__name__}: {error}"[:300]
    with transaction.atomic():
        name_employee(None)
        Digest.objects.filter(
            pk=claim.digest_id, status=Digest.Status.LEASED, attempts=claim.attempt
        ).update(
            status=Digest.Status.FAILED if final else Digest.Status.WAITING,
            leased_until=timezone.now() + LEASE * 2**claim.attempt,
            error=reason,
        )
        _reminders(
            claim, Reminder.Status.FAILED if final else Reminder.Status.WAITING, reason[:200]
        )


def _reminders(claim: Claim, status: str, reason: str = "") -> None:
    Reminder.objects.filter(
        Q(status=Reminder.Status.LEASED) | Q(status=Reminder.Status.WAITING),
        digest=claim.digest_id,
    ).update(status=status, reason=reason)


def deliver() -> int:
    """Claim and send whatever is sealed; how many digests were sent."""
    sent = 0
    while claims := claim():
        for held in claims:
            message = prepare(held)
            if message is None:
                continue
            try:
                send(message)
            except Exception as error:
                fail(held, error)
                continue
            sent += confirm(held, message)
    return sent
