"""Starting an opportunity, changing it and moving it along the stages."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Event, Thread
from time import sleep
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction

from clients.file.assignments import assign
from clients.models import Client
from crm.operations import AccountOpened, account_opened
from crm.trading_days import today
from pipeline.models import LostReason, Opportunity, Stage, StageMove
from pipeline.opportunities.services import (
    ChangedMeanwhile,
    create_opportunity,
    move,
    update_opportunity,
)
from staff.models import Employee
from tests.factories import OpportunityFactory, assess_all

pytestmark = pytest.mark.django_db


def somebody_waits() -> None:
    """Return once another session waits for what this one holds."""
    for _ in range(600):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
                " AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
            )
            if cursor.fetchone()[0]:
                return
        sleep(0.05)
    raise AssertionError("nobody came to wait")


def stage(key: str) -> Stage:
    return Stage.objects.get(key=key)


@pytest.fixture
def opportunity(zhou: Client) -> Opportunity:
    """With every assessment; the gates have tests of their own."""
    return assess_all(OpportunityFactory(client=zhou))


@pytest.fixture
def heard() -> Iterator[list[AccountOpened]]:
    """The events that the last part of ``account_opened`` heard."""
    events: list[AccountOpened] = []
    account_opened.register("test", 99, events.append)
    yield events
    account_opened.unregister("test")


def test_it_starts_in_the_first_stage(zhou: Client, manager: Employee) -> None:
    made = create_opportunity(client=zhou, by=manager, next_step="Call", next_step_on=today())
    assert (made.stage.key, made.state, made.created_on) == ("new", "open", today())
    started = made.moves.get()
    assert (started.from_stage, started.to_stage, started.employee) == (None, made.stage, manager)


def test_it_refuses_a_client_with_an_account(zhang: Client, manager: Employee) -> None:
    with pytest.raises(ValidationError, match=r"prospect|潜在"):
        create_opportunity(client=zhang, by=manager)
    assert not Opportunity.objects.exists()


def test_it_refuses_a_second_one_in_progress(zhou: Client, manager: Employee) -> None:
    create_opportunity(client=zhou, by=manager)
    with pytest.raises(ValidationError):
        create_opportunity(client=zhou, by=manager)
    assert Opportunity.objects.count() == 1


def test_it_starts_again_after_a_loss(zhou: Client, manager: Employee) -> None:
    first = create_opportunity(client=zhou, by=manager)
    reason = LostReason.objects.get(key="commission")
    move(opportunity=first, stage=stage("lost"), by=manager, version=1, lost_reason=reason)
    create_opportunity(client=zhou, by=manager)
    assert sorted(Opportunity.objects.values_list("state", flat=True)) == ["lost", "open"]


def test_it_moves_and_remembers(opportunity: Opportunity, manager: Employee) -> None:
    Opportunity.objects.update(stage_since=today() - timedelta(days=9))
    moved = move(opportunity=opportunity, stage=stage("contacted"), by=manager, version=1)
    assert (moved.stage.key, moved.version, moved.stage_since) == ("contacted", 2, today())
    step = StageMove.objects.get()
    assert (step.from_stage_id, step.to_stage.key) == (opportunity.stage_id, "contacted")


def test_a_second_mover_is_told(
    opportunity: Opportunity, manager: Employee, head: Employee
) -> None:
    move(opportunity=opportunity, stage=stage("contacted"), by=head, version=1)
    with pytest.raises(ChangedMeanwhile):
        move(opportunity=opportunity, stage=stage("interested"), by=manager, version=1)
    with pytest.raises(ChangedMeanwhile):
        move(opportunity=opportunity, stage=stage("contacted"), by=manager, version=1)
    opportunity.refresh_from_db()
    assert opportunity.stage.key == "contacted"
    assert StageMove.objects.count() == 1


def test_the_same_move_twice_is_one(opportunity: Opportunity, manager: Employee) -> None:
    for _time in range(2):
        move(opportunity=opportunity, stage=stage("contacted"), by=manager, version=1)
    assert StageMove.objects.count() == 1


def test_a_loss_needs_a_reason(opportunity: Opportunity, manager: Employee) -> None:
    with pytest.raises(ValidationError) as refused:
        move(opportunity=opportunity, stage=stage("lost"), by=manager, version=1)
    assert "lost_reason" in refused.value.message_dict
    opportunity.refresh_from_db()
    assert (opportunity.state, opportunity.version) == ("open", 1)


def test_a_loss_closes_and_keeps_the_reason(opportunity: Opportunity, manager: Employee) -> None:
    reason = LostReason.objects.get(key="no_funds")
    lost = move(
        opportunity=opportunity,
        stage=stage("lost"),
        by=manager,
        version=1,
        lost_reason=reason,
        lost_note="next year",
    )
    assert (lost.state, lost.closed_on, lost.lost_note) == ("lost", today(), "next year")


@pytest.mark.parametrize("target", ["new", "lost", "opened"])
def test_what_is_closed_does_not_move(
    opportunity: Opportunity, manager: Employee, target: str
) -> None:
    reason = LostReason.objects.get(key="no_funds")
    move(opportunity=opportunity, stage=stage("lost"), by=manager, version=1, lost_reason=reason)
    with pytest.raises(ValidationError):
        move(
            opportunity=opportunity, stage=stage(target), by=manager, version=2, lost_reason=reason
        )
    assert StageMove.objects.count() == 1


def test_opening_runs_every_part(
    opportunity: Opportunity, manager: Employee, heard: list[AccountOpened]
) -> None:
    yesterday = today() - timedelta(days=1)
    won = move(
        opportunity=opportunity, stage=stage("opened"), by=manager, version=1, opened_on=yesterday
    )
    assert (won.state, won.closed_on) == ("won", today())
    assert heard == [AccountOpened(opportunity.client, yesterday, manager)]


def test_opening_makes_a_client_who_is_called_back(
    opportunity: Opportunity, manager: Employee
) -> None:
    move(opportunity=opportunity, stage=stage("opened"), by=manager, version=1)
    client = opportunity.client
    client.refresh_from_db()
    assert (client.lifecycle, client.opened_on) == ("client", today())
    planned = client.callbacks.get(kind="new_account")
    assert (planned.status, planned.employee) == ("open", manager)
    assert planned.occurrence == f"opened:{today()}"


@pytest.mark.parametrize("days", [1, -11])
def test_opening_is_neither_tomorrow_nor_before_the_record(
    opportunity: Opportunity, manager: Employee, heard: list[AccountOpened], days: int
) -> None:
    day = today() + timedelta(days=days)
    with pytest.raises(ValidationError) as refused:
        move(opportunity=opportunity, stage=stage("opened"), by=manager, version=1, opened_on=day)
    assert "opened_on" in refused.value.message_dict
    assert heard == []


def test_a_part_that_fails_rolls_everything_back(
    opportunity: Opportunity, manager: Employee, heard: list[AccountOpened]
) -> None:
    def fail(event: AccountOpened) -> None:
        raise RuntimeError("a room fails")

    account_opened.register("fail", 100, fail)
    try:
        with pytest.raises(RuntimeError, match="a room fails"):
            move(opportunity=opportunity, stage=stage("opened"), by=manager, version=1)
    finally:
        account_opened.unregister("fail")
    assert len(heard) == 1
    opportunity.refresh_from_db()
    opportunity.client.refresh_from_db()
    assert (opportunity.state, opportunity.closed_on) == ("open", None)
    assert opportunity.client.lifecycle == "prospect"
    assert not StageMove.objects.exists()
    assert not opportunity.client.callbacks.exists()


def test_an_update_tells_the_second_editor(opportunity: Opportunity) -> None:
    typed: dict[str, Any] = {"amount": None, "expected_on": None, "next_step_on": None}
    saved = update_opportunity(opportunity=opportunity, version=1, next_step="Meet", **typed)
    assert (saved.next_step, saved.version) == ("Meet", 2)
    with pytest.raises(ChangedMeanwhile):
        update_opportunity(opportunity=opportunity, version=1, next_step="Call", **typed)
    opportunity.refresh_from_db()
    assert opportunity.next_step == "Meet"


def test_of_two_movers_at_once_one_wins(
    transactional_db: None, opportunity: Opportunity, manager: Employee, head: Employee
) -> None:
    start = Barrier(2)
    outcomes: list[str] = []

    def run(by: Employee, key: str) -> None:
        try:
            start.wait(timeout=120)
            move(opportunity=opportunity, stage=stage(key), by=by, version=1)
            outcomes.append("moved")
        except ChangedMeanwhile:
            outcomes.append("told")
        finally:
            connection.close()

    movers = [Thread(target=run, args=pair) for pair in ((manager, "contacted"), (head, "opening"))]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join(timeout=120)
    assert sorted(outcomes) == ["moved", "told"]
    assert StageMove.objects.count() == 1


def test_a_move_during_a_hand_over_waits_for_it(
    transactional_db: None, opportunity: Opportunity, manager: Employee, colleague: Employee
) -> None:
    """The hand-over holds the client when the card is moved, and changes the opportunity then."""
    failed: list[Exception] = []
    held = Event()

    def hand_over() -> None:
        try:
            with transaction.atomic():
                Client.objects.select_for_update(of=("self",)).get(pk=opportunity.client_id)
                held.set()
                somebody_waits()
                assign(client=opportunity.client, employee=colleague, on=today(), reason="交接")
        except (AssertionError, OperationalError) as error:
            failed.append(error)
        finally:
            connection.close()

    other = Thread(target=hand_over)
    other.start()
    assert held.wait(timeout=120)
    try:
        moved = move(opportunity=opportunity, stage=stage("contacted"), by=manager, version=1)
    except OperationalError as error:
        failed.append(error)
    other.join(timeout=120)
    assert failed == []
    moved.refresh_from_db()
    assert (moved.stage.key, moved.manager) == ("contacted", colleague)


def test_two_of_one_client_are_won_at_once(
    transactional_db: None, zhang: Client, manager: Employee
) -> None:
    rows = [
        assess_all(OpportunityFactory(client=zhang, kind=kind, stage=first))
        for kind in ("sale", "custody_transfer")
        for first in [Stage.objects.of(kind).filter(kind="open")[0]]
    ]
    start = Barrier(2)
    failed: list[Exception] = []

    def win(row: Opportunity) -> None:
        won = Stage.objects.of(row.kind).get(kind="won")
        try:
            start.wait(timeout=120)
            move(opportunity=row, stage=won, by=manager, version=1)
        except OperationalError as error:
            failed.append(error)
        finally:
            connection.close()

    people = [Thread(target=win, args=(row,)) for row in rows]
    for person in people:
        person.start()
    for person in people:
        person.join(timeout=120)
    assert failed == []
    assert Opportunity.objects.filter(state="won").count() == 2
