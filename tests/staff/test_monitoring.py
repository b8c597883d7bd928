"""The alarm: once per outage, whoever notices, and one for one cause."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from crm.models import Heartbeat
from staff import monitoring
from staff.models import Employee, Notification, Outage
from tests.cast import Browse

pytestmark = pytest.mark.django_db


def beats(**minutes: float) -> None:
    for name, ago in minutes.items():
        moment = timezone.now() - timedelta(minutes=ago)
        Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": moment})


def test_it_tells_administrators_once_per_outage(
    administrator: Employee, manager: Employee
) -> None:
    beats(worker=0, beat=10, planning=10, dispatch=10)
    for _ in range(3):
        monitoring.look()
        monitoring.mail_alarms()
    assert Outage.objects.get().part == "beat"
    assert Notification.objects.get().employee == administrator
    assert [message.to for message in mail.outbox] == [[administrator.email]]
    beats(beat=0, planning=0, dispatch=0)
    monitoring.look()
    assert Outage.objects.get().ended_at
    assert Notification.objects.count() == 2
    beats(beat=10)
    monitoring.look()
    monitoring.mail_alarms()
    assert Outage.objects.count() == len(mail.outbox) == 2


@pytest.mark.parametrize(
    ("silent", "blamed"),
    [
        ({"worker": 9, "beat": 9}, "worker"),
        ({"planning": 9}, "planning"),
        ({"dispatch": 9}, "dispatch"),
    ],
)
def test_it_names_the_cause(silent: dict[str, float], blamed: str, administrator: Employee) -> None:
    beats(**{"worker": 0, "beat": 0, "planning": 0, "dispatch": 0, **silent})
    monitoring.look()
    assert Outage.objects.get().part == blamed
    assert Notification.objects.get().title


def test_nothing_is_silent_that_never_spoke(administrator: Employee) -> None:
    monitoring.look()
    beats(beat=1)
    monitoring.look()
    assert not Outage.objects.exists()


def test_a_sign_from_the_future_is_no_sign(administrator: Employee) -> None:
    beats(worker=0, beat=-60)
    monitoring.look()
    assert Outage.objects.get().part == "beat"


def test_a_mail_that_failed_is_tried_again(administrator: Employee, settings: Any) -> None:
    beats(worker=0, beat=10)
    monitoring.look()
    good, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "nowhere.Backend"
    with pytest.raises(ImportError):
        monitoring.mail_alarms()
    settings.EMAIL_BACKEND = good
    assert monitoring.mail_alarms() == 0
    Outage.objects.update(mailing_until=timezone.now())
    assert monitoring.mail_alarms() == 1
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("url", ["/healthz", "/notifications/unread/"])
def test_web_processes_notice(
    url: str,
    manager: Employee,
    administrator: Employee,
    browse: Browse,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When every worker is dead, a page that asks for its bell finds out; not more than once a minute."""
    looked: list[object] = []
    monkeypatch.setattr(monitoring, "_in_thread", looked.append)
    monkeypatch.setattr(monitoring, "_started", -1000.0)
    cache.delete("staff.watch")
    browser = browse(manager)
    for _ in range(3):
        assert browser.get(url).status_code == 200
    assert looked == [monitoring._look_and_mail]


def test_a_process_that_has_just_started_is_patient(
    manager: Employee, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[object] = []
    monkeypatch.setattr(monitoring, "_in_thread", looked.append)
    monkeypatch.setattr(monitoring, "_started", time.monotonic())
    browse(manager).get("/notifications/unread/")
    assert looked == []
