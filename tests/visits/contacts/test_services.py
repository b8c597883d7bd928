"""Writing visits and decisions: one form one visit, the callback closed, the next one planned."""

import threading
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from clients.models import Client
from crm import trading_days
from staff.models import Employee
from tests.factories import CallbackFactory
from visits.contacts.corrections import correct_visit
from visits.contacts.services import cancel, create_manual, log_visit, snooze
from visits.models import Callback, CallbackChange, Outcome, Visit
from visits.planning.replan import replan

pytestmark = pytest.mark.django_db


def outcome(key: str) -> Outcome:
    return Outcome.objects.get(key=key)


def log(client: Client, employee: Employee, key: str = "talked", **more: Any) -> Visit:
    given = {"token": uuid.uuid4(), "outcome": outcome(key), **more}
    return log_visit(client=client, employee=employee, **given)


def cadence(client: Client) -> Callback:
    return Callback.objects.get(client=client, kind="cadence", status="open")


@pytest.fixture
def due(zhang: Client) -> Callback:
    """The open cadence callback of a client who was never reached."""
    replan(zhang)
    return cadence(zhang)


def test_it_closes_the_callback_and_plans_the_next(
    zhang: Client, manager: Employee, due: Callback
) -> None:
    visit = log(zhang, manager, callback=due)
    due.refresh_from_db()
    zhang.refresh_from_db()
    assert (due.status, due.done_on) == ("done", visit.occurred_on)
    assert zhang.last_contact_on == trading_days.today()
    assert cadence(zhang).anchor_on == visit.occurred_on


def test_it_completes_open_rows_without_answering_them(
    zhang: Client, manager: Employee, due: Callback
) -> None:
    manual = CallbackFactory(client=zhang)
    log(zhang, manager)
    due.refresh_from_db()
    manual.refresh_from_db()
    assert due.status == "done"
    assert manual.status == "open", "a callback by hand is closed by answering it"


def test_a_second_contact_on_the_same_day_keeps_the_next_callback(
    zhang: Client, manager: Employee, due: Callback
) -> None:
    log(zhang, manager, callback=due)
    following = cadence(zhang)
    log(zhang, manager)
    assert cadence(zhang) == following


def test_the_same_form_twice_is_one_visit(zhang: Client, manager: Employee, due: Callback) -> None:
    token = uuid.uuid4()
    first = log(zhang, manager, token=token, callback=due)
    again = log(zhang, manager, token=token, callback=due)
    assert first == again
    assert Visit.objects.count() == 1


def test_a_form_of_another_client_is_refused(
    zhang: Client, zhou: Client, manager: Employee
) -> None:
    token = uuid.uuid4()
    log(zhang, manager, token=token)
    with pytest.raises(ValidationError):
        log(zhou, manager, token=token)
    assert Visit.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_posts_at_the_same_moment_are_one_visit(zhang: Client, manager: Employee) -> None:
    token = uuid.uuid4()
    made: list[int] = []

    def post() -> None:
        made.append(log(zhang, manager, "interested", token=token).pk)
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(made) == 2
    assert len(set(made)) == 1
    assert Callback.objects.filter(client=zhang, kind="promise").count() == 1


def test_an_unreached_attempt_counts_and_leaves_the_callback_open(
    zhang: Client, manager: Employee, due: Callback
) -> None:
    log(zhang, manager, "no_answer", callback=due)
    due.refresh_from_db()
    zhang.refresh_from_db()
    assert (due.status, due.attempts) == ("open", 1)
    assert due.due_on == trading_days.add(trading_days.today(), 1)
    assert due.changes.get().action == CallbackChange.Action.SNOOZED
    assert zhang.last_contact_on is None
    assert not Callback.objects.filter(client=zhang, kind="promise").exists()


def test_a_next_try_beyond_the_hard_limit_is_refused_with_a_sentence(
    zhang: Client, manager: Employee
) -> None:
    limit = trading_days.add(trading_days.today(), 2)
    callback = CallbackFactory(client=zhang, kind="new_account", hard_limit_on=limit)
    beyond = trading_days.add(limit, 1)
    with pytest.raises(ValidationError) as refused:
        log(
            zhang,
            manager,
            "no_answer",
            callback=callback,
            next_step="call_again",
            next_step_on=beyond,
        )
    assert refused.value.message_dict == {
        "next_step_on": [f"须在 {limit.isoformat()} 前完成，请选择更早的日期。"]
    }
    assert not Visit.objects.exists()
    # The last day has come: nothing earlier is left to choose, and the attempt counts.
    Callback.objects.filter(pk=callback.pk).update(hard_limit_on=trading_days.today())
    log(zhang, manager, "no_answer", callback=callback, next_step="call_again", next_step_on=beyond)
    callback.refresh_from_db()
    assert (callback.due_on, callback.attempts) == (trading_days.today(), 1)


def test_the_outcome_proposes_the_next_step(zhang: Client, manager: Employee) -> None:
    visit = log(zhang, manager, "interested")
    assert visit.next_step == "meet"
    follow_up = Callback.objects.get(client=zhang, kind="promise")
    assert follow_up.due_on == trading_days.add(trading_days.today(), 3)
    assert follow_up.changes.get().action == CallbackChange.Action.CREATED


def test_the_risk_grade_of_the_time_is_kept(zhang: Client, manager: Employee) -> None:
    Client.objects.filter(pk=zhang.pk).update(risk_grade="C2")
    visit = log(zhang, manager)
    Client.objects.filter(pk=zhang.pk).update(risk_grade="C4")
    visit.refresh_from_db()
    assert visit.risk_grade == "C2"


def test_a_contact_in_the_future_is_refused(zhang: Client, manager: Employee) -> None:
    with pytest.raises(ValidationError):
        log(zhang, manager, occurred_at=timezone.now() + timedelta(hours=1))
    assert not Visit.objects.exists()


def test_an_older_contact_does_not_turn_the_clock_back(zhang: Client, manager: Employee) -> None:
    log(zhang, manager)
    log(zhang, manager, occurred_at=timezone.now() - timedelta(days=30))
    zhang.refresh_from_db()
    assert zhang.last_contact_on == trading_days.today()


def test_a_correction_keeps_the_old_entry_and_undoes_its_effects(
    zhang: Client, manager: Employee, due: Callback
) -> None:
    old = log(zhang, manager, callback=due)
    new = correct_visit(
        visit=old,
        by=manager,
        token=uuid.uuid4(),
        outcome=outcome("no_answer"),
        next_step="none",
        occurred_at=old.occurred_at,
    )
    old.refresh_from_db()
    due.refresh_from_db()
    zhang.refresh_from_db()
    assert (old.void, old.void_reason) == (True, "corrected")
    assert new.corrects == old
    assert zhang.last_contact_on is None
    assert (due.status, due.attempts) == ("open", 1)
    assert cadence(zhang) == due, "one open cadence row, the one that was due"


def test_a_correction_of_words_changes_no_callback(
    zhang: Client, manager: Employee, due: Callback
) -> None:
    old = log(zhang, manager, callback=due)
    following = cadence(zhang)
    correct_visit(
        visit=old,
        by=manager,
        token=uuid.uuid4(),
        outcome=outcome("talked"),
        next_step="none",
        occurred_at=old.occurred_at,
        notes="打错了字",
    )
    due.refresh_from_db()
    assert due.status == "done"
    assert cadence(zhang) == following


def test_a_correction_before_a_return_visit_leaves_the_client_a_callback(
    zhang: Client, manager: Employee, compliance: Employee, due: Callback
) -> None:
    """Return visits are nobody's contact: they hold back neither the clock nor what is opened again."""
    old = log(zhang, manager, callback=due)
    secret = CallbackFactory(
        client=zhang, kind="compliance", employee=compliance, confidential=True
    )
    log(zhang, compliance, callback=secret, next_step="none")
    correct_visit(
        visit=old,
        by=manager,
        token=uuid.uuid4(),
        outcome=outcome("no_answer"),
        next_step="none",
        occurred_at=old.occurred_at,
    )
    assert cadence(zhang) == due


def test_an_entry_is_corrected_once(zhang: Client, manager: Employee) -> None:
    old = log(zhang, manager)
    given: dict[str, Any] = {"visit": old, "by": manager, "outcome": outcome("talked")}
    correct_visit(token=uuid.uuid4(), **given)
    with pytest.raises(ValidationError):
        correct_visit(token=uuid.uuid4(), **given)


def test_snooze_shifts_to_a_trading_day_and_keeps_the_reason(
    manager: Employee, due: Callback
) -> None:
    saturday = trading_days.today() + timedelta(days=1)
    while trading_days.is_trading_day(saturday):
        saturday += timedelta(days=1)
    snooze(callback=due, until=saturday, reason="出差", by=manager)
    due.refresh_from_db()
    assert due.due_on == trading_days.on_or_after(saturday)
    assert due.is_placed
    assert due.changes.get().reason == "出差"


def test_snooze_never_goes_beyond_the_hard_limit(manager: Employee, zhang: Client) -> None:
    day = trading_days.today()
    row = CallbackFactory(client=zhang, hard_limit_on=day + timedelta(days=2))
    with pytest.raises(ValidationError):
        snooze(callback=row, until=day + timedelta(days=20), reason="出差", by=manager)
    row.refresh_from_db()
    assert row.due_on == day


@pytest.mark.parametrize("days", [-1, 0, 5000])
def test_snooze_refuses_the_past_and_the_far_future(
    days: int, manager: Employee, due: Callback
) -> None:
    until = trading_days.today() + timedelta(days=days)
    with pytest.raises(ValidationError):
        snooze(callback=due, until=until, reason="出差", by=manager)


def test_a_decision_needs_a_reason(manager: Employee, due: Callback) -> None:
    tomorrow = trading_days.today() + timedelta(days=1)
    with pytest.raises(ValidationError):
        snooze(callback=due, until=tomorrow, reason="  ", by=manager)
    with pytest.raises(ValidationError):
        cancel(callback=due, reason="", by=manager)


def test_a_cancelled_call_leads_to_the_next_one(
    manager: Employee, zhang: Client, due: Callback
) -> None:
    cancel(callback=due, reason="客户出国", by=manager)
    due.refresh_from_db()
    assert (due.status, due.cancelled_because) == ("cancelled", "person")
    following = cadence(zhang)
    assert following.pk != due.pk
    assert following.ideal_on > due.ideal_on


def test_a_callback_by_hand_is_planned_once_per_form(manager: Employee, zhang: Client) -> None:
    given: dict[str, Any] = {
        "client": zhang,
        "employee": manager,
        "due_on": trading_days.today() + timedelta(days=9),
        "reason": "问新股",
        "by": manager,
        "token": uuid.uuid4(),
    }
    assert create_manual(**given) == create_manual(**given)
    made = Callback.objects.get(client=zhang, kind="manual")
    assert trading_days.is_trading_day(made.due_on)


def test_a_closed_client_gets_no_callback(manager: Employee, zhang: Client) -> None:
    Client.objects.filter(pk=zhang.pk).update(lifecycle="closed")
    with pytest.raises(ValidationError):
        create_manual(
            client=zhang,
            employee=manager,
            due_on=trading_days.today() + timedelta(days=3),
            reason="x",
            by=manager,
        )


def test_a_contact_late_in_the_evening_belongs_to_the_business_date(
    zhang: Client, manager: Employee
) -> None:
    at = datetime.fromisoformat("2026-06-10T23:30:00+08:00")
    assert log(zhang, manager, occurred_at=at).occurred_on.isoformat() == "2026-06-10"
