"""Who notices when the machinery falls silent, and tells the administrators once.

Nothing that is dead can say so. Beat's silence is noticed by a thread of each worker; the silence
of workers by the web processes, whenever a logged-in page asks for its bell (every 20 seconds) or
/healthz is asked. When all of them are dead nobody here is left: that is what /healthz is for.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.core.mail import send_mail
from django.db import close_old_connections, connection, transaction
from django.db.models import Q
from django.utils import timezone, translation

from crm.addresses import address
from crm.models import Heartbeat
from staff.models import Employee, Notification, Outage
from staff.models.outage import OUTAGE_SENTENCES

logger = logging.getLogger(__name__)

PARTS = ("worker", "beat", "planning", "dispatch")
LATE_AFTER = timedelta(minutes=3)
# Whoever has just started gives the others the time to start, too.
PATIENCE_SECONDS = LATE_AFTER.total_seconds()
EVERY_SECONDS = 60
MAILING = timedelta(minutes=2)

_started = time.monotonic()

_OPEN = """
    INSERT INTO staff_outage (part, silent_since, noticed_at)
    VALUES (%s, %s, %s) ON CONFLICT (part) WHERE ended_at IS NULL DO NOTHING RETURNING id
"""


def look() -> None:
    """Open outages for what is silent, close those of what is back; once per outage each."""
    now = timezone.now()
    seen = dict(Heartbeat.objects.filter(name__in=PARTS).values_list("name", "beat_at"))
    # Without workers beat is not heard, and without beat nothing else moves: one alarm, not four.
    blamed = ""
    for part in PARTS:
        beat_at = seen.get(part)
        if beat_at is None:
            continue
        # Far in the future: written by a clock that ran ahead, and by nobody since.
        if now - LATE_AFTER < beat_at < now + LATE_AFTER:
            with transaction.atomic():
                _end(part)
            continue
        if not blamed:
            blamed = part
            with transaction.atomic():
                _begin(part, min(beat_at, now))


def _begin(part: str, since: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [part, since, timezone.now()])
        new = cursor.fetchone()
    if new:
        _tell(f"outage:{new[0]}", {"part": part, "over": False})


def _end(part: str) -> None:
    row = Outage.objects.select_for_update().filter(part=part, ended_at=None).first()
    if row is None:
        return
    row.ended_at = timezone.now()
    row.save(update_fields=["ended_at"])
    _tell(f"outage:{row.pk}:over", {"part": part, "over": True})


def _tell(key: str, params: dict[str, object]) -> None:
    url = address("dashboards:board")
    lines = [
        Notification(
            employee=employee,
            kind=Notification.Kind.OUTAGE,
            key=f"{key}:{employee.pk}",
            params=params,
            url=url,
        )
        for employee in _administrators()
    ]
    Notification.objects.bulk_create(lines, ignore_conflicts=True)


def _administrators() -> list[Employee]:
    return list(Employee.objects.filter(is_superuser=True, is_active=True).order_by("pk"))


def mail_alarms() -> int:
    """Mail what was not mailed yet; how many outages. Outside of any transaction."""
    now = timezone.now()
    free = Q(mailing_until=None) | Q(mailing_until__lte=now)
    sent = 0
    for row in Outage.objects.filter(free, mailed_at=None, ended_at=None):
        mine = Outage.objects.filter(free, pk=row.pk, mailed_at=None)
        if not mine.update(mailing_until=now + MAILING):
            continue
        for employee in _administrators():
            if employee.email:
                _mail(employee, row)
        Outage.objects.filter(pk=row.pk).update(mailed_at=timezone.now())
        sent += 1
    return sent


def _mail(employee: Employee, row: Outage) -> None:
    with translation.override(employee.language or settings.LANGUAGE_CODE):
        sentence = str(OUTAGE_SENTENCES[row.part, False])
        since = timezone.localtime(row.silent_since).strftime("%Y-%m-%d %H:%M")
    url = f"{settings.SITE_URL.rstrip('/')}{address('dashboards:board')}"
    text = f"{sentence}\n\n{since}\n{url}\n"
    send_mail(sentence, text, None, [employee.email])


def glance() -> None:
    """For web processes: look at most once a minute among all of them, in a thread of its own."""
    if time.monotonic() - _started < PATIENCE_SECONDS:
        return
    try:
        if not cache.add("staff.watch", "1", EVERY_SECONDS):
            return
    except Exception:  # noqa: S110  no cache: look all the same
        pass
    _in_thread(_look_and_mail)


def guard() -> None:
    """For workers: look every minute for as long as this process lives."""

    def watch() -> None:
        while True:
            _note_worker()
            time.sleep(EVERY_SECONDS)
            if time.monotonic() - _started >= PATIENCE_SECONDS:
                _look_and_mail()

    _in_thread(watch)


def _note_worker() -> None:
    """The worker lives, whether or not beat gives it anything to do."""
    try:
        close_old_connections()
        Heartbeat.objects.update_or_create(name="worker", defaults={"beat_at": timezone.now()})
    except Exception:
        logger.warning("The worker could not note that it lives.", exc_info=True)
    finally:
        connection.close()


def _look_and_mail() -> None:
    try:
        close_old_connections()
        look()
        mail_alarms()
    except Exception:
        logger.exception("The watch over the machinery failed.")
    finally:
        connection.close()


def _in_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="watch", daemon=True).start()
