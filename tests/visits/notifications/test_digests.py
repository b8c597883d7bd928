"""Several leads, channels, quiet hours, escalation, and the log with its way to try again."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from clients.models import Client
from crm.models import Heartbeat
from staff.absences import services as absences
from staff.models import Branch, Employee, Notification, Policy
from tests.cast import Browse
from tests.factories import CallbackFactory, ClientFactory, EmployeeFactory
from tests.visits.notifications.test_reminders import WEDNESDAY, at, run_all
from visits.models import Callback, CallbackPlan, Digest, QuietHours, Reminder, ReminderRun
from visits.notifications import digests, endpoints, messages, reminders, robot_delivery

pytestmark = pytest.mark.django_db
WEBHOOK = "https://example.com/hook"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(8, 31), tick=False) as traveller:
        yield traveller


@pytest.fixture
def due(zhang: Client) -> Callback:
    return CallbackFactory(client=zhang, due_on=WEDNESDAY)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What would have left for addresses of one's own."""
    found: list[dict[str, str]] = []
    monkeypatch.setattr(robot_delivery, "send", lambda **message: found.append(message))
    return found


def on(day: date, clock: Any) -> None:
    """The reminding of a morning."""
    clock.move_to(at(8, 31, day))
    for segment_id in reminders.start_due_runs():
        reminders.remind(segment_id=segment_id, day=day)
    reminders.seal()
    digests.deliver()
    digests.deliver_outside()


def test_it_reminds_once_per_lead_by_the_nearest(zhang: Client, clock: Any) -> None:
    CallbackPlan.objects.filter(segment=zhang.segment).update(remind_leads=[7, 1, 0])
    CallbackFactory(client=zhang, due_on=date(2026, 6, 12))
    for day in (9, 10, 11, 12, 15):
        on(date(2026, 6, day), clock)
    told = Reminder.objects.filter(channel="in_app").order_by("id")
    # Seven days ahead was already past: the nearer leads follow, each once.
    assert list(told.values_list("lead_days", flat=True)) == [7, 1, 0]
    assert Notification.objects.count() == 3


def test_an_appointment_on_a_closed_day_is_told_on_the_trading_day_before(
    zhang: Client, clock: Any
) -> None:
    CallbackPlan.objects.filter(segment=zhang.segment).update(remind_leads=[1, 0])
    saturday = date(2026, 6, 13)
    CallbackFactory(
        client=zhang, kind="appointment", due_on=saturday, minutes=30, starts_at=at(10, 0, saturday)
    )
    for day in (10, 11, 12, 15):
        on(date(2026, 6, day), clock)
    told = Reminder.objects.filter(channel="in_app").order_by("id")
    assert list(told.values_list("digest__day", "lead_days")) == [
        (date(2026, 6, 11), 1),
        (date(2026, 6, 12), 0),
    ]


def test_a_substitute_is_told_from_the_first_day_on(
    zhang: Client, manager: Employee, colleague: Employee, clock: Any
) -> None:
    CallbackPlan.objects.filter(segment=zhang.segment).update(remind_leads=[1])
    absences.enter(
        employee=manager,
        substitute=colleague,
        by=manager,
        reason="年假",
        starts_on=date(2026, 6, 11),
        ends_on=date(2026, 6, 12),
    )
    CallbackFactory(client=zhang, employee=colleague, due_on=date(2026, 6, 11))
    on(WEDNESDAY, clock)
    told = Reminder.objects.filter(employee=colleague, channel="in_app")
    assert not told.exists()
    clock.move_to(at(0, 1, date(2026, 6, 11)))
    absences.refresh_covers()
    on(date(2026, 6, 11), clock)
    assert told.get().status == "sent"


def test_it_reminds_of_what_was_moved_away_and_back(
    due: Callback, manager: Employee, clock: Any
) -> None:
    for segment_id in reminders.start_due_runs():
        reminders.remind(segment_id=segment_id, day=WEDNESDAY)
    Callback.objects.filter(pk=due.pk).update(due_on=date(2026, 6, 12))
    reminders.seal()
    digests.deliver()
    Callback.objects.filter(pk=due.pk).update(due_on=WEDNESDAY)
    on(date(2026, 6, 11), clock)
    on(date(2026, 6, 12), clock)
    own = Reminder.objects.filter(employee=manager, channel="in_app", escalated=False)
    assert Counter(own.values_list("status", flat=True)) == {"cancelled": 1, "sent": 1}


def test_it_does_not_remind_of_what_was_joined(due: Callback) -> None:
    other = CallbackFactory(client=due.client, due_on=WEDNESDAY)
    Callback.objects.filter(pk=due.pk).update(status="merged", merged_into=other)
    run_all()
    assert set(Reminder.objects.values_list("callback", flat=True)) == {other.pk}


def test_the_mail_has_two_bodies_and_escapes(due: Callback) -> None:
    Employee.objects.filter(callbacks=due).update(full_name="<b>王</b>")
    run_all()
    message: Any = mail.outbox[0]
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    assert "&lt;b&gt;王" in html
    assert "<b>王</b>" in message.body
    for text in (html, message.body, message.subject):
        assert due.client.name not in text


def test_each_address_gets_a_digest_with_figures_only(
    due: Callback, manager: Employee, sent: list[dict[str, str]], clock: Any
) -> None:
    endpoints.add(employee=manager, label="群", url=WEBHOOK)
    endpoints.add(employee=manager, label="另一个", url=WEBHOOK + "2")
    off = endpoints.add(employee=manager, label="停用", url=WEBHOOK)
    off.enabled = False
    off.save()
    on(WEDNESDAY, clock)
    assert len(sent) == 2
    for message in sent:
        text = f"{message['title']} {message['body']}"
        assert "/today/" in text
        for secret in (due.client.name, str(due.client.public_id), str(due.public_id)):
            assert secret not in text
    assert Digest.objects.filter(channel="endpoint", status="sent").count() == 2
    assert off.digests.count() == 0


def test_an_address_that_was_switched_off_meanwhile_gets_nothing(
    due: Callback, manager: Employee, sent: list[dict[str, str]]
) -> None:
    row = endpoints.add(employee=manager, label="群", url=WEBHOOK)
    run_all()
    row.enabled = False
    row.save()
    assert digests.deliver_outside() == 0
    assert Digest.objects.get(channel="endpoint").status == "cancelled"
    assert sent == []


def test_a_refusing_address_fails_with_its_reason(
    due: Callback, manager: Employee, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    def refuse(**_message: str) -> None:
        raise messages.Refused("The address answered with status 404.")

    monkeypatch.setattr(robot_delivery, "send", refuse)
    row = endpoints.add(employee=manager, label="群", url=WEBHOOK)
    run_all()
    for _ in range(6):
        digests.deliver_outside()
        clock.shift(timedelta(hours=1))
    digest = Digest.objects.get(channel="endpoint")
    assert (digest.status, digest.attempts) == ("failed", 5)
    row.refresh_from_db()
    assert row.last_error == digest.error == "The address answered with status 404."


def quiet_between(callback: Callback, since: str, until: str) -> None:
    assert callback.employee
    QuietHours.objects.create(employee=callback.employee, quiet_from=since, quiet_to=until)


def test_quiet_hours_hold_back_all_but_the_app(due: Callback, clock: Any) -> None:
    quiet_between(due, "22:00", "10:00")
    run_all()
    assert Notification.objects.count() == 1
    assert mail.outbox == []
    clock.move_to(at(10, 0))
    digests.deliver()
    assert len(mail.outbox) == 1


def test_the_policy_gives_quiet_hours_and_the_nearest_branch_wins(
    due: Callback, manager: Employee, clock: Any
) -> None:
    Policy.objects.create(
        key="quiet_to",
        value="9.5",
        unit="hour",
        branch=manager.branch,
        citation="x",
        valid_from=date(2026, 1, 1),
        status="verified",
    )
    run_all()
    assert mail.outbox == []
    clock.move_to(at(9, 31))
    digests.deliver()
    assert len(mail.outbox) == 1


def test_equal_times_mean_no_quiet_hours(due: Callback, clock: Any) -> None:
    quiet_between(due, "08:00", "08:00")
    run_all()
    assert len(mail.outbox) == 1


# Escalation --------------------------------------------------------------------------------


def test_what_is_long_overdue_is_told_to_the_head_once(
    zhang: Client, head: Employee, browse: Browse, clock: Any
) -> None:
    callback = CallbackFactory(client=zhang, due_on=date(2026, 6, 8))
    backlog = CallbackFactory(client=zhang, due_on=date(2026, 6, 8), is_backlog=True)
    on(date(2026, 6, 10), clock)
    assert not Notification.objects.filter(employee=head).exists()
    for day in (11, 12, 15):
        on(date(2026, 6, day), clock)
    line = Notification.objects.get(employee=head)
    assert (line.kind, line.params, line.url) == (
        "escalation",
        {"count": 1},
        "/callbacks/escalated/",
    )
    listed = browse(head).get(line.url).context["page"].items
    assert listed == [callback]
    assert backlog not in listed
    mails = [message for message in mail.outbox if message.to == [head.email]]
    assert len(mails) == 1
    assert zhang.name not in mails[0].body


def test_without_a_head_the_next_above_is_told(
    zhang: Client, regional_head: Employee, clock: Any
) -> None:
    CallbackFactory(client=zhang, due_on=date(2026, 6, 1))
    on(WEDNESDAY, clock)
    assert Notification.objects.get(employee=regional_head).kind == "escalation"


def test_a_heads_own_overdue_work_is_told_to_the_next_above(
    zhang: Client, head: Employee, regional_head: Employee, clock: Any
) -> None:
    CallbackFactory(client=zhang, employee=head, due_on=date(2026, 6, 1), is_reassigned=True)
    on(WEDNESDAY, clock)
    assert Notification.objects.get(employee=regional_head).kind == "escalation"
    assert Notification.objects.get(employee=head).kind == "digest"


def test_it_escalates_only_what_is_still_open(zhang: Client, head: Employee, clock: Any) -> None:
    callback = CallbackFactory(client=zhang, due_on=date(2026, 6, 1))
    for segment_id in reminders.start_due_runs():
        reminders.remind(segment_id=segment_id, day=WEDNESDAY)
    Callback.objects.filter(pk=callback.pk).update(due_on=date(2026, 6, 20))
    reminders.seal()
    digests.deliver()
    assert not Notification.objects.exists()


def test_the_list_shows_what_is_late_now(
    zhang: Client, zhou: Client, head: Employee, branch: Branch, browse: Browse, clock: Any
) -> None:
    """Also what no reminder was sent for, and not what was put off since."""
    clock.move_to(at(10, 0, WEDNESDAY))
    late = CallbackFactory(client=zhang, due_on=date(2026, 6, 1))
    CallbackFactory(client=zhou, due_on=date(2026, 6, 9))
    CallbackFactory(client=zhou, due_on=date(2026, 6, 1), is_backlog=True)

    def listed() -> list[Callback]:
        found: list[Callback] = browse(head).get("/callbacks/escalated/").context["page"].items
        return found

    assert listed() == [late]
    Callback.objects.filter(pk=late.pk).update(due_on=date(2026, 6, 20))
    assert listed() == []
    # A branch that is more patient is asked later.
    Callback.objects.filter(pk=late.pk).update(due_on=date(2026, 6, 1))
    Policy.objects.create(
        key="escalation_days",
        value=30,
        unit="trading_days",
        branch=branch,
        valid_from=date(2026, 1, 1),
        citation="x",
        status="verified",
    )
    assert listed() == []


def test_the_list_is_for_heads(manager: Employee, browse: Browse) -> None:
    assert browse(manager).get("/callbacks/escalated/").status_code == 403


# The log -----------------------------------------------------------------------------------


@pytest.fixture
def failed(due: Callback, settings: Any, clock: Any) -> Digest:
    good, settings.EMAIL_BACKEND = (
        settings.EMAIL_BACKEND,
        "tests.visits.notifications.test_reminders.BrokenMail",
    )
    run_all()
    for _ in range(6):
        clock.shift(timedelta(hours=2))
        digests.deliver()
    settings.EMAIL_BACKEND = good
    return Digest.objects.get(channel="email")


def test_a_failed_digest_can_be_tried_again(
    failed: Digest, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    assert "no mail server" in browser.get("/deliveries/?failed=1").content.decode()
    assert browser.post(f"/deliveries/{failed.pk}/retry/").status_code == 302
    assert digests.deliver() == 1
    failed.refresh_from_db()
    assert failed.status == "sent"
    assert failed.attempts == 6
    assert set(Reminder.objects.values_list("status", flat=True)) == {"sent"}
    assert browser.post(f"/deliveries/{failed.pk}/retry/").status_code == 409
    assert browser.get(f"/deliveries/{failed.pk}/retry/").status_code == 405


def test_others_see_neither_log_nor_button(
    failed: Digest,
    colleague: Employee,
    head: Employee,
    administrator: Employee,
    browse: Browse,
) -> None:
    for person in (colleague, head):
        assert browse(person).get("/deliveries/").context["page"].items == []
        assert browse(person).post(f"/deliveries/{failed.pk}/retry/").status_code == 404
    assert failed in browse(administrator).get("/deliveries/").context["page"].items
    assert browse(administrator).post(f"/deliveries/{failed.pk}/retry/").status_code == 302


def test_what_was_planned_is_somewhere(due: Callback, manager: Employee, clock: Any) -> None:
    """planned = waiting + leased + sent + failed + cancelled, by digest and by reminder alike."""
    for _ in range(6):
        client = ClientFactory(
            manager=EmployeeFactory(branch=manager.branch), segment=due.client.segment
        )
        CallbackFactory(client=client, due_on=WEDNESDAY)
    for segment_id in reminders.start_due_runs():
        reminders.remind(segment_id=segment_id, day=WEDNESDAY)
    # Served by somebody else before it is told.
    Client.objects.exclude(pk=due.client_id).update(manager=manager)
    planned = Reminder.objects.count()
    assert planned == 14
    reminders.seal()
    held = digests.claim()
    digests.prepare(held[0])
    for _ in range(3):
        states = Counter(Reminder.objects.values_list("status", "digest__status"))
        assert sum(states.values()) == planned
        assert all(mine in {its, "cancelled"} for mine, its in states)
        clock.shift(timedelta(minutes=5))
        digests.deliver()
    assert {its for _, its in states} == {"sent", "cancelled"}


# Alive -------------------------------------------------------------------------------------


def test_dispatch_is_alive_unless_digests_lie_there(due: Callback, clock: Any) -> None:
    digests.note_alive()
    began = Heartbeat.objects.get(name="dispatch").beat_at
    for segment_id in reminders.start_due_runs():
        reminders.remind(segment_id=segment_id, day=WEDNESDAY)
    reminders.seal()
    clock.shift(timedelta(minutes=11))
    digests.note_alive()
    assert Heartbeat.objects.get(name="dispatch").beat_at == began
    digests.deliver()
    digests.note_alive()
    assert Heartbeat.objects.get(name="dispatch").beat_at == timezone.now()


def test_a_clock_that_ran_ahead_loses_no_reminder(due: Callback, clock: Any) -> None:
    tomorrow = WEDNESDAY + timedelta(days=1)
    on(tomorrow, clock)  # the clock was a day ahead
    clock.move_to(at(8, 32))
    reminders.stale_runs()
    assert not ReminderRun.objects.exists()
    CallbackFactory(client=due.client, due_on=tomorrow)
    on(tomorrow, clock)
    assert Notification.objects.count() == 2


def test_a_lease_from_a_clock_that_ran_ahead_runs_out(due: Callback, clock: Any) -> None:
    for segment_id in reminders.start_due_runs():
        reminders.remind(segment_id=segment_id, day=WEDNESDAY)
    reminders.seal()
    clock.shift(timedelta(days=2))
    assert len(digests.claim()) == 2
    clock.shift(timedelta(days=-2))
    assert digests.deliver() == 2
