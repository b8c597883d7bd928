"""The tasks only take keys: what they send is a hint, and sending it twice does no harm."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from clients.models import Client, Segment
from crm import periodic
from crm.celery import app
from staff.models import Notification
from tests.factories import CallbackFactory
from visits.integration.tasks import tick_planning
from visits.models import Callback, PlanningRun, Reminder, ReminderRun
from visits.notifications import tasks
from visits.planning import tasks as planning_tasks

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 10)
MORNING = datetime(2026, 6, 10, 8, 31, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def waiting() -> int:
    """How many messages lie in the broker."""
    with app.connection_for_read() as connection:
        channel: Any = connection.default_channel
        return int(channel.client.llen("celery"))


@pytest.fixture
def hints() -> Iterator[Callable[[], int]]:
    """The real queue of this test, empty before and after."""
    app.control.purge()
    yield waiting
    app.control.purge()


def test_it_ticks_by_heartbeats_of_a_minute_only() -> None:
    app.loader.import_default_modules()
    assert len(app.conf.beat_schedule) == len(periodic.ticks) > 0
    for name, entry in app.conf.beat_schedule.items():
        assert name in periodic.ticks
        assert entry["schedule"].minute == set(range(60))
        assert name in app.tasks


def test_it_sends_a_hint_for_each_segment_that_is_due_once(hints: Callable[[], int]) -> None:
    tick_planning()
    assert hints() == Segment.objects.count() == PlanningRun.objects.count()
    tick_planning()
    assert hints() == Segment.objects.count()
    before = hints()
    tasks.tick_reminders()
    tasks.tick_reminders()
    assert hints() - before == ReminderRun.objects.count() > 0


def test_it_plans_and_reminds_by_the_keys_of_the_hints(
    zhang: Client, hints: Callable[[], int]
) -> None:
    CallbackFactory(client=zhang, due_on=DAY)
    tick_planning()
    tasks.tick_reminders()
    for segment in Segment.objects.all():
        planning_tasks.plan_segment(segment.pk, DAY.isoformat())
        if ReminderRun.objects.filter(segment=segment).exists():
            tasks.remind_segment(segment.pk, DAY.isoformat())
    assert Callback.objects.filter(client=zhang, kind="cadence").count() == 1
    tasks.deliver_digests()
    tasks.deliver_digests()
    assert Notification.objects.filter(employee=zhang.manager).count() == 1
    assert set(Reminder.objects.values_list("status", flat=True)) == {"sent"}


def test_it_sends_again_what_nobody_finished(hints: Callable[[], int], clock: Any) -> None:
    tick_planning()
    tasks.tick_reminders()
    app.control.purge()
    tasks.sweep()
    planning_tasks.sweep_planning()
    assert hints() == 0
    clock.shift(16 * 60)
    tasks.sweep()
    planning_tasks.sweep_planning()
    assert hints() == PlanningRun.objects.count() + ReminderRun.objects.count()
