"""What runs each minute, and who watches it, follows from what the rooms declare."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from crm import periodic
from crm.celery import app
from crm.models import Heartbeat


def test_it_finds_the_task_of_every_tick() -> None:
    app.loader.import_default_modules()
    assert {tick.key for tick in periodic.ticks} <= set(app.tasks)
    assert app.conf.beat_schedule == periodic.schedule()


def test_it_keeps_slow_addresses_in_a_queue_of_their_own() -> None:
    app.loader.import_default_modules()
    queues = {name: app.amqp.router.route({}, name)["queue"].name for name in app.tasks}
    own = {name for name, queue in queues.items() if queue == "outside"}
    assert own == {"visits.notifications.tasks.deliver_outside"}


def test_it_blames_the_likeliest_cause_first() -> None:
    assert [part.key for part in periodic.alarmed()] == ["worker", "beat", "planning", "dispatch"]


@pytest.mark.django_db
def test_it_tells_of_every_part_that_reports_and_of_no_other() -> None:
    now = timezone.now()
    for name, age in {"beat": 1, "planning": 5, "classification": 600, "another": 0}.items():
        Heartbeat.objects.create(name=name, beat_at=now - timedelta(minutes=age))
    told = Browser().get("/healthz").json()
    assert told == {
        "ok": True,
        "database": "ok",
        "cache": "ok",
        "beat": "ok",
        "planning": "late",
        "classification": "ok",
    }


@pytest.mark.django_db
def test_it_takes_no_sign_of_life_of_a_part_that_nobody_declares() -> None:
    with pytest.raises(KeyError, match="another"):
        periodic.note_alive("another")
    assert not Heartbeat.objects.exists()
