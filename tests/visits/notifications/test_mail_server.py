"""A mail server that hangs or is slow holds up nobody's inbox, and no worker until it is killed."""

import socket
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core import mail

from clients.models import Segment
from staff.models import Branch, Notification
from tests.factories import CallbackFactory, ClientFactory, EmployeeFactory
from tests.visits.notifications.test_reminders import WEDNESDAY, at
from visits.models import Callback, Digest, Reminder
from visits.notifications import digests, messages, reminders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(8, 31), tick=False) as traveller:
        yield traveller


@pytest.fixture
def many_due(branch: Branch, segment: Segment) -> list[Callback]:
    people = [EmployeeFactory(branch=branch, email=f"e{n}@example.com") for n in range(8)]
    return [
        CallbackFactory(client=ClientFactory(manager=who, segment=segment), due_on=WEDNESDAY)
        for who in people
    ]


def test_a_mail_server_that_never_answers_is_asked_once_and_holds_up_no_inbox(
    many_due: list[Callback], settings: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digests, "AT_ONCE", 4)
    good = settings.EMAIL_BACKEND
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 1
        for segment_id in reminders.start_due_runs():
            reminders.remind(segment_id=segment_id, day=WEDNESDAY)
        reminders.seal()
        assert digests.deliver() == len(many_due)
        silent.settimeout(0.1)
        silent.accept()
        with pytest.raises(TimeoutError):
            silent.accept()
    assert Notification.objects.count() == len(many_due)
    mails = Digest.objects.filter(channel="email")
    assert set(mails.values_list("status", flat=True)) == {"waiting"}
    assert sum("timed out" in digest.error for digest in mails) == 4
    # Only the one that was tried has used up an attempt.
    used = sorted(digest.attempts - digest.attempts_allowed for digest in mails)
    assert used == [-5] * (len(many_due) - 1) + [-4]
    settings.EMAIL_BACKEND = good
    clock.shift(timedelta(minutes=1))
    assert digests.deliver() == len(many_due) - 1
    clock.shift(timedelta(minutes=4))
    assert digests.deliver() == 1
    assert set(Reminder.objects.values_list("status", flat=True)) == {"sent"}


def test_a_slow_mail_server_is_left_to_the_next_sweep_in_time(
    many_due: list[Callback], monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    send, passed = messages.send, [0.0]

    def slow(message: messages.Message) -> None:
        passed[0] += 0.3 if message.digest.channel == "email" else 0
        send(message)

    # A clock that only mails move: how fast this machine is does not matter.
    monkeypatch.setattr(digests, "time", SimpleNamespace(monotonic=lambda: passed[0]))
    monkeypatch.setattr(messages, "send", slow)
    monkeypatch.setattr(digests, "LONGEST", 0.5)
    for segment_id in reminders.start_due_runs():
        reminders.remind(segment_id=segment_id, day=WEDNESDAY)
    reminders.seal()
    first = digests.deliver()
    assert first == len(many_due) + 2
    monkeypatch.setattr(digests, "LONGEST", 60)
    clock.shift(timedelta(minutes=1))
    assert first + digests.deliver() == 2 * len(many_due)
    assert len(mail.outbox) == len(many_due)
