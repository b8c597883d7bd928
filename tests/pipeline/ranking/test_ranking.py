"""The stored rank: each factor, the weights of a branch, rates with their counts, overrides."""

from datetime import timedelta
from decimal import Decimal
from threading import Event, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client
from crm.trading_days import today
from pipeline.models import (
    LostReason,
    Opportunity,
    RankingOverride,
    RankingRate,
    RankingScore,
    RankingWeights,
    Stage,
    StageMove,
)
from pipeline.ranking import rates, scoring, services
from staff.models import Branch, Employee
from tests.factories import ClientFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


def opened(manager: Employee, **more: Any) -> Opportunity:
    client_more = more.pop("client", {})
    client = ClientFactory(manager=manager, prospect=True, **client_more)
    return OpportunityFactory(client=client, **more)


def closed(manager: Employee, way: list[str], *, kind: str = "", days: int = 10) -> Opportunity:
    """An opportunity that came through the stages of ``way``, the last of which ends it."""
    stages = [Stage.objects.get(key=key) for key in way]
    day = today() - timedelta(days=days)
    client = ClientFactory(manager=manager, prospect=True, prospect_type=kind)
    reason = LostReason.objects.first() if way[-1] == "lost" else None
    row: Opportunity = OpportunityFactory(
        client=client, stage=stages[-1], created_on=day, closed_on=day, lost_reason=reason
    )
    before = None
    for stage in stages:
        StageMove.objects.create(
            opportunity=row, from_stage=before, to_stage=stage, employee=manager, moved_on=day
        )
        before = stage
    return row


def scored(row: Opportunity) -> RankingScore:
    scoring.refresh()
    return RankingScore.objects.get(pk=row.pk)


def test_score_is_capital_times_probability_times_timing(manager: Employee) -> None:
    row = opened(manager, amount=Decimal(800_000), next_step="Call", next_step_on=today())
    found = scored(row)
    assert found.capital == 800_000
    assert found.capital_from == "amount"
    assert found.timing == pytest.approx(1.4)
    assert found.score == pytest.approx(800_000 * found.probability * 1.4)


def test_unknown_amount_takes_the_size_and_then_the_middle_of_the_kind(manager: Employee) -> None:
    sized = opened(manager, client={"investment_size": "large"})
    bare = opened(manager)
    for amount in (100_000, 300_000, 5_000_000):
        opened(manager, amount=Decimal(amount))
    scoring.refresh()
    rows = {row.pk: row for row in RankingScore.objects.all()}
    assert (rows[sized.pk].capital_from, int(rows[sized.pk].capital)) == ("size", 1_750_000)
    assert (rows[bare.pk].capital_from, int(rows[bare.pk].capital)) == ("usual", 300_000)


@pytest.mark.parametrize(
    ("step", "expected", "silent", "refused", "why", "days"),
    [
        (-3, None, None, False, "overdue", 3),
        (0, None, 1, False, "today", 0),
        (5, None, 1, False, "just_spoken", 1),
        (5, 10, None, False, "expected", 10),
        (5, 40, 9, False, "soon", 5),
        (12, None, 9, False, "later", 12),
        (None, None, None, False, "never", 0),
        (None, None, 20, False, "silent", 20),
        (None, None, 9, False, "usual", 9),
        (-3, None, None, True, "no_calls", 0),
    ],
)
def test_timing_is_the_first_rule_that_applies(
    manager: Employee,
    step: int | None,
    expected: int | None,
    silent: int | None,
    refused: bool,
    why: str,
    days: int,
) -> None:
    def day(offset: int | None) -> Any:
        return None if offset is None else today() + timedelta(days=offset)

    row = opened(
        manager,
        next_step="Call" if step is not None else "",
        next_step_on=day(step),
        expected_on=day(expected),
        client={
            "last_contact_on": day(-silent) if silent is not None else None,
            "calls_refused": refused,
            "recorded_on": today(),
        },
    )
    found = scored(row)
    assert (found.timing_why, found.timing_days) == (why, days)


def test_rates_are_drawn_towards_the_level_above_by_their_counts(manager: Employee) -> None:
    for _ in range(3):
        closed(manager, ["new", "contacted", "opened"], kind="advisory")
    closed(manager, ["new", "lost"], kind="avoidant")
    rates.refresh(today())
    firm = RankingRate.objects.get(kind="")
    assert (firm.won, firm.closed) == (3, 4)
    assert firm.rate == pytest.approx(4 / 6)
    kind = RankingRate.objects.get(kind="account_opening", stage=None)
    assert kind.rate == pytest.approx((3 + 20 * 4 / 6) / 24)
    new = RankingRate.objects.get(stage__key="new", prospect_type=None)
    assert (new.won, new.closed) == (3, 4)
    assert new.rate == pytest.approx((3 + 20 * kind.rate) / 24)
    advisory = RankingRate.objects.get(stage__key="new", prospect_type="advisory")
    assert (advisory.won, advisory.closed) == (3, 3)
    assert advisory.rate == pytest.approx((3 + 20 * new.rate) / 23)
    nobody = RankingRate.objects.get(stage__key="opening", prospect_type="delegating")
    opening = RankingRate.objects.get(stage__key="opening", prospect_type=None)
    assert nobody.closed == 0
    assert nobody.rate == pytest.approx(opening.rate)


def test_a_firm_without_outcomes_has_scores_too(manager: Employee) -> None:
    found = scored(opened(manager))
    assert found.probability == pytest.approx(0.5)
    assert found.rate_closed == 0


def test_weights_of_the_nearest_branch_hold(
    manager: Employee, stranger: Employee, head: Employee, branch: Branch, company: Branch
) -> None:
    here, there = opened(manager, amount=Decimal(1000)), opened(stranger, amount=Decimal(1000))
    scoring.refresh()
    ones: dict[str, Any] = {
        "by": head,
        "probability": Decimal(1),
        "timing": Decimal(1),
        "reason": "Trial",
    }
    services.set_weights(branch=company, capital=Decimal(2), **ones)
    services.set_weights(branch=branch, capital=Decimal(0), **ones)
    own, far = (RankingScore.objects.get(pk=row.pk) for row in (here, there))
    assert own.score == pytest.approx(own.probability * own.timing)
    assert far.score == pytest.approx(1000**2 * far.probability * far.timing)
    services.set_weights(branch=branch, capital=Decimal(1), **ones)
    assert RankingWeights.objects.filter(branch=branch).count() == 2
    assert RankingWeights.objects.filter(branch=branch, ended_at=None).get().capital == 1


def test_weights_of_the_firm_hold_from_the_next_tick(
    manager: Employee, administrator: Employee
) -> None:
    row = opened(manager, amount=Decimal(1000))
    scoring.refresh()
    given: dict[str, Any] = {"probability": 0, "timing": 0, "reason": "Trial"}
    services.set_weights(branch=None, by=administrator, capital=Decimal(2), **given)
    assert RankingScore.objects.get(pk=row.pk).score != pytest.approx(1000**2)
    assert [scoring.score_changed() for _tick in range(2)] == [1, 0]
    assert RankingScore.objects.get(pk=row.pk).score == pytest.approx(1000**2)


def test_who_has_left_sees_no_scores(manager: Employee, head: Employee) -> None:
    opened(manager)
    scoring.refresh()
    assert RankingScore.objects.visible_to(head).count() == 1
    head.is_active = False
    assert not RankingScore.objects.visible_to(head).exists()


def test_two_who_score_do_not_wait_in_a_ring(transactional_db: None, manager: Employee) -> None:
    low, high = opened(manager), opened(manager)
    scoring.refresh()
    # Written anew, so that its row comes after the other in the table.
    Opportunity.objects.filter(pk=low.pk).update(amount=5)
    rows = RankingScore.objects.select_for_update(of=("self",)).order_by()
    other = Thread(target=score_alone)
    with transaction.atomic():
        rows.get(pk=low.pk)
        other.start()
        # What is held is left for the next run: who scores waits for nobody, so there is no ring.
        other.join(60)
        assert not other.is_alive()
        rows.get(pk=high.pk)
    scoring.score()
    assert RankingScore.objects.get(pk=low.pk).capital == 5


def test_scores_of_what_is_closed_wait_for_nobody(
    transactional_db: None, manager: Employee
) -> None:
    done, row = opened(manager), opened(manager)
    scoring.refresh()
    won = Stage.objects.get(key="opened")
    Opportunity.objects.filter(pk=done.pk).update(state="won", stage=won, closed_on=today())
    Opportunity.objects.filter(pk=row.pk).update(amount=5)
    other = Thread(target=score_alone)
    with transaction.atomic():
        RankingScore.objects.select_for_update(of=("self",)).get(pk=done.pk)
        other.start()
        other.join(20)
        assert not other.is_alive()
    assert RankingScore.objects.get(pk=row.pk).capital == 5
    scoring.score()
    assert not RankingScore.objects.filter(pk=done.pk).exists()


def score_alone() -> None:
    """Score the firm on a connection of one's own."""
    try:
        scoring.score()
    finally:
        connection.close()


def test_it_refuses_weights_that_are_none(head: Employee, branch: Branch) -> None:
    for given in ((0, 0, 0), (4, 1, 1), (-1, 1, 1)):
        a, b, c = (Decimal(number) for number in given)
        with pytest.raises(ValidationError):
            services.set_weights(
                branch=branch, by=head, capital=a, probability=b, timing=c, reason="x"
            )
    assert not RankingWeights.objects.exists()


def test_an_override_holds_until_its_day(manager: Employee) -> None:
    row = opened(manager)
    services.override(
        opportunity=row, by=manager, direction=1, until=today() + timedelta(days=2), reason="Asked"
    )
    assert RankingScore.objects.get(pk=row.pk).pin == 1
    scoring.score(on=today() + timedelta(days=3))
    assert RankingScore.objects.get(pk=row.pk).pin == 0
    services.override(
        opportunity=row, by=manager, direction=-1, until=today(), reason="Away this week"
    )
    kept = list(RankingOverride.objects.order_by("id").values_list("reason", "ended_by"))
    assert kept == [("Asked", manager.pk), ("Away this week", None)]
    services.end_override(opportunity=row, by=manager)
    assert RankingScore.objects.get(pk=row.pk).pin == 0


def test_an_override_needs_a_reason_an_open_row_and_a_day_ahead(manager: Employee) -> None:
    row = opened(manager)
    done = closed(manager, ["new", "opened"])
    good: dict[str, Any] = {"by": manager, "direction": 1, "until": today(), "reason": "x"}
    for opportunity, bad in (
        (row, {"reason": "  "}),
        (row, {"until": today() - timedelta(days=1)}),
        (row, {"until": today() + timedelta(days=93)}),
        (row, {"direction": 5}),
        (done, {}),
    ):
        with pytest.raises(ValidationError):
            services.override(opportunity=opportunity, **(good | bad))
    assert not RankingOverride.objects.exists()


def test_what_changed_is_scored_within_a_tick_and_nothing_else(manager: Employee) -> None:
    first, second = opened(manager, amount=Decimal(10)), opened(manager, amount=Decimal(10))
    assert scoring.score_changed() == 2
    assert scoring.score_changed() == 0
    first.amount = Decimal(500)
    first.save()
    assert scoring.score_changed() == 1
    assert RankingScore.objects.get(pk=first.pk).capital == 500
    Client.objects.filter(pk=second.client_id).update(last_contact_on=today())
    assert scoring.score_changed() == 1
    assert RankingScore.objects.get(pk=second.pk).timing_why == "just_spoken"


def test_a_closed_opportunity_leaves_the_scores(manager: Employee) -> None:
    row = opened(manager)
    scoring.refresh()
    Opportunity.objects.filter(pk=row.pk).update(
        state="won", stage=Stage.objects.get(key="opened"), closed_on=today()
    )
    scoring.refresh()
    assert not RankingScore.objects.exists()


def test_the_firm_is_scored_in_the_same_statements_however_many(manager: Employee) -> None:
    counts = []
    for more in (1, 8):
        for _ in range(more):
            opened(manager)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            scoring.refresh()
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_scoring_and_a_hand_over_of_the_same_clients_do_not_wait_in_a_ring(
    transactional_db: None, manager: Employee, other_branch: Branch
) -> None:
    """The hand-over goes by client, the scores by opportunity, here in the other order."""
    first, second = (ClientFactory(manager=manager, prospect=True) for _ in range(2))
    low, high = OpportunityFactory(client=second), OpportunityFactory(client=first)
    scoring.refresh()
    before = dict(RankingScore.objects.values_list("pk", "scored_at"))
    held, done = Event(), Event()
    failed: list[Exception] = []

    def hand_over() -> None:
        try:
            with transaction.atomic():
                for client in (first, second):
                    rows = Client.objects.filter(pk=client.pk)
                    rows.update(branch=other_branch, manager=None, updated_at=timezone.now())
                    held.set()
                    # Long enough for the scoring to have taken what it can get.
                    done.wait(timeout=1)
        except OperationalError as error:
            failed.append(error)
        finally:
            connection.close()

    other = Thread(target=hand_over)
    other.start()
    assert held.wait(timeout=20)
    try:
        assert scoring.score() == 1
    except OperationalError as error:
        failed.append(error)
    done.set()
    other.join(timeout=20)
    assert failed == []
    after = dict(RankingScore.objects.values_list("pk", "scored_at"))
    assert (after[low.pk] > before[low.pk], after[high.pk]) == (True, before[high.pk])
    # What was held is taken up by the next run, and both are where their clients are.
    assert scoring.score_changed() >= 1
    assert RankingScore.objects.get(pk=high.pk).scored_at > before[high.pk]
    assert set(RankingScore.objects.values_list("branch", flat=True)) == {other_branch.pk}


def test_weights_reach_a_score_that_somebody_held(
    transactional_db: None, manager: Employee, head: Employee, branch: Branch
) -> None:
    rows = [opened(manager, amount=Decimal(1000)) for _ in range(2)]
    scoring.refresh()
    weights = {"capital": Decimal(2), "probability": Decimal(1), "timing": Decimal(1)}
    held, done = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                RankingScore.objects.select_for_update().get(pk=rows[0].pk)
                held.set()
                done.wait(timeout=20)
        finally:
            connection.close()

    other = Thread(target=hold)
    other.start()
    assert held.wait(timeout=20)
    before = RankingScore.objects.get(pk=rows[0].pk).score
    services.set_weights(branch=branch, by=head, reason="本季看资产", **weights)
    done.set()
    other.join(timeout=20)
    assert RankingScore.objects.get(pk=rows[0].pk).score == before
    assert scoring.score_changed() == 1
    same = {row.score for row in RankingScore.objects.filter(pk__in=[row.pk for row in rows])}
    assert len(same) == 1
    assert same != {before}
    assert scoring.score_changed() == 0
