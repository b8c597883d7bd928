"""Services of the public form, which visitors fill in without a login.

The outside learns nothing: the same answer whether the phone is on record or not, and for every
robot. The unit of work names the system; the rows say whose code was scanned.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils import timezone, translation

from clients.models import Client, Lifecycle, Source
from clients.models.consent import By, Purpose
from crm.trading_days import today
from pipeline.capture.services import Agreed, Origin, holders, lock_number, take_down
from pipeline.models import CaptureEntry, CaptureLink, Lead, PrivacyNotice
from pipeline.notification_kinds import PUBLIC_FORM
from pipeline.retention.policies import retention_days
from staff.middleware import name_employee
from staff.models import HEADS, Employee
from staff.notifications.services import Line, notify

_SALT = "pipeline.public.opened"
# Seconds: nobody reads the text and types name and phone faster; a form left open goes stale.
FASTEST = 3
SLOWEST = 12 * 3600
# Seconds: the answer goes out on a whole multiple, whatever was done. The time it takes must not tell
# who is known; taking down somebody new is more work than a line about somebody known, but both
# together are far below it, and on a busy machine both come out on the same later stroke.
ANSWER_AFTER = 1.0


class Stale(Exception):
    """The form was opened too long ago, or not by us."""


@dataclass(frozen=True)
class Opened:
    """When and under which key a form was opened."""

    token: UUID
    notice: int
    at: float

    @property
    def hasty(self) -> bool:
        """Whether the form was returned faster than a person can type."""
        return time.time() - self.at < FASTEST


def opened(link: CaptureLink, notice: PrivacyNotice) -> str:
    """Signed state of the form: key, version of the consent text, time."""
    value = [uuid4().hex, link.pk, notice.version, time.time()]
    return signing.dumps(value, salt=_SALT)


def read_opened(link: CaptureLink, text: str) -> Opened:
    """The same read back. Raises Stale."""
    try:
        token, owner, notice, at = signing.loads(text, salt=_SALT, max_age=SLOWEST)
    except (signing.BadSignature, ValueError) as error:
        raise Stale from error
    if owner != link.pk:
        raise Stale
    return Opened(UUID(hex=token), notice, at)


@contextmanager
def in_even_time() -> Iterator[None]:
    """Leave when ``ANSWER_AFTER`` is over, or where that was too short, the next time it is."""
    begun = time.monotonic()
    try:
        yield
    finally:
        if ANSWER_AFTER:
            time.sleep(ANSWER_AFTER - (time.monotonic() - begun) % ANSWER_AFTER)


def is_fresh(link: CaptureLink, text: str) -> bool:
    """Whether a form with this may still be sent."""
    try:
        read_opened(link, text)
    except Stale:
        return False
    return True


def notice_text(notice: PrivacyNotice, link: CaptureLink) -> str:
    """The consent text, with the retention time of prospects filled in."""
    assert link.employee.branch is not None  # noqa: S101 - of_token asks for it
    return notice.text.replace("{days}", str(retention_days(link.employee.branch, today())))


@transaction.atomic
def receive(*, link: CaptureLink, form: Opened, name: str, phone: str, wish: str) -> CaptureEntry:
    """Save a submission: a new prospect, or a notification to the manager of a known client.

    ``phone`` is in its normal form. The same form twice is one. Raises ValidationError only for
    what a person of the firm would be refused too.
    """
    name_employee(None)
    lock_number(phone)
    # A form that is sent again with another number is another form: nothing typed is lost.
    token = uuid5(form.token, phone)
    twice: CaptureEntry | None = CaptureEntry.objects.filter(token=token).first()
    if twice is not None:
        return twice
    notice = PrivacyNotice.objects.get(version=form.notice)
    known = holders(phone)
    agreed = Agreed(Purpose.MARKETING, [By.PHONE], _proof(notice, link))
    client = known[0] if known else _new(link, agreed, name, phone, token)
    entry: CaptureEntry = CaptureEntry.objects.create(
        token=token,
        link=link,
        client=client,
        notice=notice,
        known=bool(known),
        name=name,
        wish=wish,
    )
    for one in known or [client]:
        _tell(one, link.employee, new=not known)
    return entry


def _new(link: CaptureLink, agreed: Agreed, name: str, phone: str, token: UUID) -> Client:
    # Texts in rows are in the firm's language, not in that of the visitor's browser.
    with translation.override(link.employee.language or settings.LANGUAGE_CODE):
        captured = take_down(
            employee=link.employee,
            phone=phone,
            values={"name": name, "source": Source.CHANNEL if link.channel_id else Source.DIRECT},
            origin=Origin(Lead.Via.PUBLIC_FORM, link.channel, link.campaign),
            agreed=agreed,
            token=token,
            another=True,  # nobody has it: asked behind the same lock
        )
    return captured.client


def _proof(notice: PrivacyNotice, link: CaptureLink) -> str:
    at = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    return f"QR {link.pk}, {at}, text v{notice.version}"


def _tell(client: Client, employee: Employee, *, new: bool) -> None:
    """Notify the client's manager, else the heads of the branch; at most once a day."""
    serving = [client.manager_id] if client.manager_id else _heads(client)
    if new:
        serving = [employee.pk]
    day = today().isoformat()
    params = {"new": new, "closed": client.lifecycle == Lifecycle.CLOSED}
    lines = [
        Line(pk, f"public_form:{client.pk}:{pk}:{day}", params, client.get_absolute_url())
        for pk in serving
    ]
    notify(PUBLIC_FORM, lines)


def _heads(client: Client) -> list[int]:
    """Heads of the nearest branch that has any."""
    for branch in reversed(client.branch.ancestor_ids):
        heads = Employee.objects.filter(branch=branch, role__in=HEADS, is_active=True)
        if keys := list(heads.values_list("pk", flat=True)):
            return keys
    return []
