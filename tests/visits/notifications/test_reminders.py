"""Reminder runs, reminder rows and digests: once per trading day, never lost, never twice."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from clients.models import Client, Segment
from crm.models import Heartbeat, Holiday
from staff.models import Employee, Notification
from tests.factories import CallbackFactory
from visits.models import Callback, CallbackPlan, Digest, PlanningRun, Reminder, ReminderRun
from visits.notifications import digests, reminders
from visits.planning import nightly

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
WEDNESDAY = date(2026, 6, 10)


def at(hour: int, minute: int = 0, day: date = WEDNESDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(8, 31), tick=False) as traveller:
        yield traveller


@pytest.fixture
def due(zhang: Client) -> Callback:
    return CallbackFactory(client=zhang, due_on=WEDNESDAY)


def run_all() -> None:
    """What tick and workers do, without the messages between them."""
    for segment_id in reminders.start_due_runs():
        reminders.remind(segment_id=segment_id, day=WEDNESDAY)
    reminders.seal()
    digests.deliver()


def test_it_starts_each_segment_at_its_own_time_and_once(zhang: Client) -> None:
    morning = set(reminders.start_due_runs())
    assert zhang.segment_id in morning
    prospects = Segment.objects.get(key="prospect").pk
    assert prospects not in morning
    assert reminders.start_due_runs() == []
    with time_machine.travel(at(13, 0), tick=False):
        assert prospects in reminders.start_due_runs()


def test_it_follows_a_reminder_time_that_was_changed(zhang: Client) -> None:
    CallbackPlan.objects.filter(segment=zhang.segment).update(remind_at="15:00")
    assert zhang.segment_id not in reminders.start_due_runs()


@pytest.mark.parametrize("day", [date(2026, 6, 13), date(2026, 10, 1)])
def test_it_rests_when_the_exchanges_do(day: date) -> None:
    with time_machine.travel(at(9, 0, day), tick=False):
        assert reminders.start_due_runs() == []


def test_it_reminds_in_the_app_and_by_mail_without_a_name(due: Callback) -> None:
    run_all()
    line = Notification.objects.get(employee=due.employee)
    assert line.params == {"due": 1, "overdue": 0, "ahead": 0}
    message = mail.outbox[0]
    assert message.to == [due.employee.email if due.employee else ""]
    assert due.client.name not in f"{message.subject} {message.body}"
    assert "/today/" in message.body
    assert set(Reminder.objects.values_list("channel", "status")) == {
        ("in_app", "sent"),
        ("email", "sent"),
    }


def test_it_says_nothing_the_second_time(due: Callback) -> None:
    run_all()
    ReminderRun.objects.all().delete()
    run_all()
    assert Notification.objects.count() == 1
    assert len(mail.outbox) == 1


def test_it_sends_one_digest_for_several_segments_of_one_slot(
    due: Callback, manager: Employee, zhou: Client
) -> None:
    CallbackPlan.objects.filter(segment=zhou.segment).update(remind_at="08:30")
    CallbackFactory(client=zhou, due_on=WEDNESDAY - timedelta(days=5))
    run_all()
    line = Notification.objects.get(employee=manager)
    assert line.params == {"due": 1, "overdue": 1, "ahead": 0}
    assert Digest.objects.filter(channel="in_app").count() == 1


def test_it_reminds_ahead_by_trading_days(zhang: Client) -> None:
    CallbackPlan.objects.filter(segment=zhang.segment).update(remind_leads=[2])
    CallbackFactory(client=zhang, due_on=date(2026, 6, 12))
    CallbackFactory(client=zhang, due_on=date(2026, 6, 15))
    run_all()
    assert Notification.objects.get().params == {"due": 0, "overdue": 0, "ahead": 1}


def test_it_reminds_anew_of_a_snoozed_callback(due: Callback) -> None:
    run_all()
    Callback.objects.filter(pk=due.pk).update(due_on=date(2026, 6, 11))
    ReminderRun.objects.all().delete()
    with time_machine.travel(at(8, 31, date(2026, 6, 11)), tick=False):
        for segment_id in reminders.start_due_runs():
            reminders.remind(segment_id=segment_id, day=date(2026, 6, 11))
        reminders.seal()
        digests.deliver()
    assert Notification.objects.count() == 2


def test_it_covers_three_days_of_silence_with_one_digest(zhang: Client) -> None:
    for day in (8, 9, 10):
        CallbackFactory(client=zhang, due_on=date(2026, 6, day))
    run_all()
    assert Callback.objects.open().count() == 3
    assert Notification.objects.get().params == {"due": 1, "overdue": 2, "ahead": 0}
    assert len(mail.outbox) == 1


def test_it_checks_again_at_delivery(due: Callback, colleague: Employee) -> None:
    for segment_id in reminders.start_due_runs():
        reminders.remind(segment_id=segment_id, day=WEDNESDAY)
    Callback.objects.filter(pk=due.pk).update(employee=colleague)
    reminders.seal()
    digests.deliver()
    assert not Notification.objects.exists()
    assert mail.outbox == []
    assert set(Reminder.objects.values_list("status", flat=True)) == {"cancelled"}
    assert set(Digest.objects.values_list("status", flat=True)) == {"cancelled"}


def test_it_waits_for_the_slot_but_not_for_ever(due: Callback) -> None:
    first, *rest = reminders.start_due_runs()
    reminders.remind(segment_id=due.client.segment_id, day=WEDNESDAY)
    assert rest or first
    assert reminders.seal() == 0
    with time_machine.travel(at(8, 37), tick=False):
        assert reminders.seal() == 2


def test_it_puts_what_comes_late_into_a_later_digest(due: Callback, zhang: Client) -> None:
    run_all()
    CallbackFactory(client=zhang, due_on=WEDNESDAY)
    ReminderRun.objects.update(finished_at=None)
    with time_machine.travel(at(8, 45), tick=False):
        reminders.remind(segment_id=zhang.segment_id, day=WEDNESDAY)
        with time_machine.travel(at(8, 52), tick=False):
            reminders.seal()
            digests.deliver()
    assert Notification.objects.count() == 2
    assert set(Reminder.objects.values_list("status", flat=True)) == {"sent"}


class BrokenMail(EmailBackend):
    """A mail server that refuses."""

    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError("no mail server")


def test_it_keeps_a_failure_and_tries_again_with_growing_pauses(
    due: Callback, settings: Any, clock: Any
) -> None:
    good = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.BrokenMail"
    run_all()
    digest = Digest.objects.get(channel="email")
    assert digest.status == Digest.Status.WAITING
    assert "no mail server" in digest.error
    assert Notification.objects.count() == 1
    assert digests.deliver() == 0
    settings.EMAIL_BACKEND = good
    clock.shift(timedelta(minutes=10))
    assert digests.deliver() == 1
    digest.refresh_from_db()
    assert digest.status == Digest.Status.SENT
    assert len(mail.outbox) == 1


def test_it_gives_up_after_five_attempts_and_says_why(
    due: Callback, settings: Any, clock: Any
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.BrokenMail"
    run_all()
    for _ in range(6):
        clock.shift(timedelta(hours=3))
        digests.deliver()
    digest = Digest.objects.get(channel="email")
    assert (digest.status, digest.attempts) == (Digest.Status.FAILED, 5)
    reminder = Reminder.objects.get(channel="email")
    assert reminder.status == Reminder.Status.FAILED
    assert "no mail server" in reminder.reason


def test_it_takes_up_a_digest_whose_worker_died(due: Callback, clock: Any) -> None:
    for segment_id in reminders.start_due_runs():
        reminders.remind(segment_id=segment_id, day=WEDNESDAY)
    reminders.seal()
    lost = digests.claim()
    assert len(lost) == 2
    assert digests.claim() == []
    clock.shift(timedelta(minutes=3))
    assert digests.deliver() == 2
    assert Notification.objects.count() == 1
    assert digests.prepare(lost[0]) is None


def test_it_does_not_confirm_what_another_worker_took_over(due: Callback, clock: Any) -> None:
    for segment_id in reminders.start_due_runs():
        reminders.remind(segment_id=segment_id, day=WEDNESDAY)
    reminders.seal()
    slow = next(
        held for held in digests.claim() if Digest.objects.get(pk=held.pk).channel == "in_app"
    )
    message = digests.prepare(slow)
    assert message is not None
    clock.shift(timedelta(minutes=3))
    digests.deliver()
    assert not digests.confirm(slow, message)
    assert Notification.objects.count() == 1


def test_it_hands_a_run_out_again_that_nobody_finished(due: Callback, clock: Any) -> None:
    started = reminders.start_due_runs()
    assert reminders.stale_runs() == []
    clock.shift(timedelta(minutes=4))
    assert {segment for segment, _ in reminders.stale_runs()} == set(started)
    assert reminders.stale_runs() == []


def test_it_loses_no_reminder_on_the_way(due: Callback, zhou: Client) -> None:
    CallbackFactory(client=zhou, due_on=WEDNESDAY)
    run_all()
    for run in ReminderRun.objects.filter(finished_at=None):
        reminders.remind(segment_id=run.segment_id, day=WEDNESDAY)
    states = list(Reminder.objects.values_list("status", flat=True))
    assert len(states) == 2
    assert all(digest for digest in Reminder.objects.values_list("digest", flat=True))


def test_it_plans_each_segment_once_a_night(zhang: Client) -> None:
    with time_machine.travel(at(2, 0), tick=False):
        assert nightly.start_due_runs() == []
    with time_machine.travel(at(2, 31), tick=False):
        started = nightly.start_due_runs()
        assert len(started) == Segment.objects.count()
        assert nightly.start_due_runs() == []
        counts = nightly.plan(segment_id=zhang.segment_id, day=WEDNESDAY)
    assert counts.created == 1
    run = PlanningRun.objects.get(segment=zhang.segment)
    assert run.created == 1
    assert run.finished_at
    with time_machine.travel(at(2, 50), tick=False):
        assert len(nightly.stale_runs()) == len(started) - 1


def test_it_reports_that_planning_is_alive() -> None:
    nightly.start_due_runs()
    assert Heartbeat.objects.get(name="planning").beat_at == at(8, 31)


def test_it_warns_administrators_of_a_provisional_year(administrator: Employee) -> None:
    nightly.warn_of_missing_holidays(date(2026, 10, 31))
    assert not Notification.objects.exists()
    for day in (date(2026, 11, 6), date(2026, 11, 7), date(2026, 12, 1), date(2027, 1, 4)):
        nightly.warn_of_missing_holidays(day)
    rows = Notification.objects.filter(employee=administrator)
    # Once a month, and while the year itself goes on.
    assert [row.params["year"] for row in rows] == [2027] * 3
    assert "临时日历" in rows[0].title
    Holiday.objects.create(day=date(2027, 10, 1))
    nightly.warn_of_missing_holidays(date(2027, 2, 1))
    assert rows.count() == 3


def test_it_warns_administrators_once_of_missing_holidays(administrator: Employee) -> None:
    november = date(2034, 11, 6)
    Holiday.objects.create(day=date(2034, 10, 2))
    nightly.warn_of_missing_holidays(date(2034, 10, 31))
    assert not Notification.objects.exists()
    for _ in range(2):
        nightly.warn_of_missing_holidays(november)
    assert "2035" in Notification.objects.get(employee=administrator).title
    Notification.objects.all().delete()
    Holiday.objects.create(day=date(2035, 1, 1))
    Holiday.objects.create(day=date(2035, 10, 1))
    nightly.warn_of_missing_holidays(november)
    assert not Notification.objects.exists()


def test_it_says_nothing_of_a_callback_that_was_put_off_meanwhile(due: Callback) -> None:
    for segment_id in reminders.start_due_runs():
        reminders.remind(segment_id=segment_id, day=WEDNESDAY)
    Callback.objects.filter(pk=due.pk).update(due_on=date(2026, 6, 20))
    reminders.seal()
    digests.deliver()
    assert not Notification.objects.exists()
    assert set(Reminder.objects.values_list("status", flat=True)) == {"cancelled"}


def test_it_leaves_the_days_of_an_outage_to_the_run_of_today(due: Callback, clock: Any) -> None:
    """The worker was dead for two days while beat went on: one digest, for today."""
    days = [WEDNESDAY, WEDNESDAY + timedelta(days=1), WEDNESDAY + timedelta(days=2)]
    for day in days:
        clock.move_to(at(8, 31, day))
        reminders.start_due_runs()
    for run in ReminderRun.objects.order_by("day"):
        reminders.remind(segment_id=run.segment_id, day=run.day)
    reminders.seal()
    digests.deliver()
    assert Notification.objects.get().params == {"due": 0, "overdue": 1, "ahead": 0}
    assert len(mail.outbox) == 1
    assert not ReminderRun.objects.filter(finished_at=None).exists()


def test_it_counts_as_of_the_day_of_delivery(due: Callback, clock: Any) -> None:
    for segment_id in reminders.start_due_runs():
        reminders.remind(segment_id=segment_id, day=WEDNESDAY)
    reminders.seal()
    clock.move_to(at(9, 0, WEDNESDAY + timedelta(days=1)))
    digests.deliver()
    assert Notification.objects.get().params == {"due": 0, "overdue": 1, "ahead": 0}


def test_it_gives_up_a_digest_that_every_worker_died_of(due: Callback, clock: Any) -> None:
    for segment_id in reminders.start_due_runs():
        reminders.remind(segment_id=segment_id, day=WEDNESDAY)
    reminders.seal()
    for _ in range(digests.MOST_ATTEMPTS):
        assert len(digests.claim()) == 2
        clock.shift(timedelta(minutes=3))
    assert digests.claim() == []
    assert set(Digest.objects.values_list("status", flat=True)) == {"failed"}
    assert set(Reminder.objects.values_list("status", flat=True)) == {"failed"}


def test_it_keeps_a_run_open_until_a_digest_took_everything(due: Callback, clock: Any) -> None:
    """Both the slot and this very minute are sealed: the run stays for the sweep."""
    run_all()
    CallbackFactory(client=due.client, due_on=WEDNESDAY)
    CallbackFactory(client=due.client, due_on=WEDNESDAY)
    runs = ReminderRun.objects.filter(segment=due.client.segment)
    runs.update(finished_at=None, slot="08:31")
    Digest.objects.update(slot="08:31")
    assert reminders.remind(segment_id=due.client.segment_id, day=WEDNESDAY) == 0
    assert not runs.get().finished_at
    clock.shift(timedelta(minutes=4))
    assert reminders.stale_runs() == [(due.client.segment_id, WEDNESDAY)]
    reminders.remind(segment_id=due.client.segment_id, day=WEDNESDAY)
    assert runs.get().finished_at
    assert Reminder.objects.filter(status="waiting").count() == 4


def test_it_writes_in_the_language_of_the_reader(due: Callback) -> None:
    Employee.objects.filter(callbacks=due).update(language="en")
    run_all()
    message = mail.outbox[0]
    assert "Good morning" in message.body
    assert message.extra_headers["Message-ID"].startswith("<digest-")


def test_it_writes_no_mail_to_who_has_no_address(due: Callback) -> None:
    Employee.objects.filter(callbacks=due).update(email="")
    run_all()
    assert mail.outbox == []
    assert Notification.objects.count() == 1


def test_it_tells_what_is_ahead_in_the_line() -> None:
    line = Notification(kind="digest", params={"due": 0, "overdue": 0, "ahead": 3})
    assert "3" in line.title


def test_it_does_not_report_planning_alive_while_runs_lie_unfinished(clock: Any) -> None:
    nightly.start_due_runs()
    clock.shift(timedelta(minutes=20))
    nightly.start_due_runs()
    assert Heartbeat.objects.get(name="planning").beat_at == at(8, 31)


def test_it_plans_nothing_for_a_date_that_has_passed(zhang: Client, clock: Any) -> None:
    nightly.start_due_runs()
    clock.shift(timedelta(days=1))
    counts = nightly.plan(segment_id=zhang.segment_id, day=WEDNESDAY)
    assert counts.changed == 0
    assert PlanningRun.objects.get(segment=zhang.segment, day=WEDNESDAY).finished_at
    assert not Callback.objects.exists()
