"""Contact next and its pages: who sees and changes what, bad input, constant queries."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from crm.trading_days import today
from pipeline.models import (
    Opportunity,
    RankingModel,
    RankingOverride,
    RankingScore,
    RankingWeights,
    Stage,
)
from pipeline.ranking import scoring, training
from staff.models import Branch, Employee
from tests.cast import Browse
from tests.factories import ClientFactory, OpportunityFactory
from tests.pipeline.ranking.outcomes import outcomes, policies

pytestmark = pytest.mark.django_db
NEXT, RANKING = "/pipeline/next/", "/pipeline/ranking/"


@pytest.fixture
def row(zhou: Client) -> Opportunity:
    made: Opportunity = OpportunityFactory(client=zhou, amount=Decimal(500_000))
    scoring.refresh()
    return made


def asked(**more: Any) -> dict[str, Any]:
    good = {"direction": 1, "until": str(today() + timedelta(days=3)), "reason": "来电约谈"}
    return {**good, **more}


def test_the_list_shows_each_factor_in_words(
    browse: Browse, manager: Employee, colleague: Employee, row: Opportunity
) -> None:
    other = ClientFactory(manager=colleague, prospect=True, name="别人的客户")
    OpportunityFactory(client=other)
    big = OpportunityFactory(
        client=ClientFactory(manager=manager, prospect=True, name="大客户"),
        amount=Decimal(90_000_000),
    )
    scoring.refresh()
    text = browse(manager).get(NEXT, headers={"accept-language": "en"}).content.decode()
    assert "别人的客户" not in text
    assert text.index(big.client.name) < text.index("周婷")
    assert "¥50 万" in text or "¥500,000" in text
    score = RankingScore.objects.get(pk=row.pk)
    assert str(round(100 * score.probability, 1)) in text


def test_the_list_asks_the_same_number_of_statements(
    browse: Browse, manager: Employee, row: Opportunity
) -> None:
    counts = []
    for more in (0, 30):
        for client in ClientFactory.create_batch(more, manager=manager, prospect=True):
            OpportunityFactory(client=client)
        scoring.refresh()
        reader = browse(manager)
        reader.get(NEXT)
        with CaptureQueriesContext(connection) as captured:
            assert reader.get(NEXT).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_pages_of_the_list_follow_each_other(browse: Browse, manager: Employee) -> None:
    for client in ClientFactory.create_batch(30, manager=manager, prospect=True):
        OpportunityFactory(client=client)
    scoring.refresh()
    first = browse(manager).get(NEXT)
    second = browse(manager).get(NEXT + first.context["page"].next_query)
    names = [line.name for line in (*first.context["lines"], *second.context["lines"])]
    assert (len(names), len(set(names))) == (30, 30)


def test_a_person_puts_one_first_and_says_why(
    browse: Browse, manager: Employee, row: Opportunity
) -> None:
    answer = browse(manager).post(f"{NEXT}{row.public_id}/", asked(), follow=True)
    assert answer.status_code == 200
    assert "来电约谈" in answer.content.decode()
    assert RankingScore.objects.get(pk=row.pk).pin == 1
    answer = browse(manager).post(f"{NEXT}{row.public_id}/release/", follow=True)
    assert RankingScore.objects.get(pk=row.pk).pin == 0
    assert "来电约谈" in answer.content.decode()


@pytest.mark.parametrize(
    "bad",
    [
        {"reason": ""},
        {"reason": "x" * 201},
        {"until": "2001-01-01"},
        {"until": "soon"},
        {"until": "9999-12-31"},
        {"direction": "7"},
        {"direction": ""},
    ],
)
def test_bad_input_says_what_to_do(
    browse: Browse, manager: Employee, row: Opportunity, bad: dict[str, str]
) -> None:
    answer = browse(manager).post(f"{NEXT}{row.public_id}/", asked(**bad))
    assert answer.status_code == 422
    assert not RankingOverride.objects.exists()


def test_outsiders_and_readers_change_nothing(
    browse: Browse,
    colleague: Employee,
    stranger: Employee,
    compliance: Employee,
    manager: Employee,
    row: Opportunity,
) -> None:
    for path in (f"{NEXT}{row.public_id}/", f"{NEXT}{row.public_id}/release/"):
        assert browse(colleague).post(path, asked()).status_code == 404
        assert browse(stranger).post(path, asked()).status_code == 404
        assert browse(compliance).post(path, asked()).status_code == 403
    assert browse(compliance).get(f"{NEXT}{row.public_id}/").status_code == 200
    assert browse(manager).get(f"{NEXT}{row.public_id}/release/").status_code == 405
    assert browse(manager).delete(f"{NEXT}{row.public_id}/").status_code == 405
    assert not RankingOverride.objects.exists()


def test_a_closed_opportunity_is_ranked_no_longer(
    browse: Browse, manager: Employee, row: Opportunity
) -> None:
    won = Stage.objects.get(key="opened")
    Opportunity.objects.filter(pk=row.pk).update(state="won", stage=won, closed_on=today())
    assert browse(manager).get(f"{NEXT}{row.public_id}/").status_code == 404
    assert "周婷" not in browse(manager).get(NEXT).content.decode()


def test_a_head_sets_the_weights_of_the_branch(
    browse: Browse, head: Employee, branch: Branch, row: Opportunity
) -> None:
    given = {"capital": "0", "probability": "2", "timing": "1", "reason": "试行"}
    answer = browse(head).post(RANKING, given, follow=True)
    assert answer.status_code == 200
    assert "试行" in answer.content.decode()
    assert RankingWeights.objects.get().branch == branch
    score = RankingScore.objects.get(pk=row.pk)
    assert score.score == pytest.approx(score.probability**2 * score.timing)


@pytest.mark.parametrize(
    "bad",
    [
        {"capital": "-1"},
        {"capital": "3.5"},
        {"timing": "NaN"},
        {"timing": "much"},
        {"reason": ""},
        {"capital": "0", "probability": "0", "timing": "0"},
    ],
)
def test_weights_out_of_bounds_are_refused(
    browse: Browse, head: Employee, bad: dict[str, str]
) -> None:
    given = {"capital": "1", "probability": "1", "timing": "1", "reason": "x", **bad}
    assert browse(head).post(RANKING, given).status_code == 422
    assert not RankingWeights.objects.exists()


def test_only_heads_set_weights_and_only_those_who_oversee_read(
    browse: Browse, manager: Employee, compliance: Employee, operations: Employee
) -> None:
    given = {"capital": "1", "probability": "1", "timing": "1", "reason": "x"}
    assert browse(manager).get(RANKING).status_code == 403
    assert browse(operations).get(RANKING).status_code == 403
    assert browse(compliance).get(RANKING).status_code == 200
    assert browse(compliance).post(RANKING, given).status_code == 403
    assert browse(manager).post(RANKING, given).status_code == 403
    assert not RankingWeights.objects.exists()


def test_the_page_says_that_the_simple_rates_stay_and_why(
    browse: Browse, head: Employee, manager: Employee
) -> None:
    outcomes(manager, 10)
    training.train()
    scoring.refresh()
    text = browse(head).get(RANKING, headers={"accept-language": "en"}).content.decode()
    assert "10" in text
    assert "500" in text
    assert RankingModel.objects.get().verdict == "too_few"


def test_the_page_shows_calibration_and_lift_of_what_is_used(
    browse: Browse, head: Employee, manager: Employee, row: Opportunity
) -> None:
    policies(ranking_min_outcomes=100, ranking_min_each=20)
    outcomes(manager, 300, won=lambda chance, place: (chance.random() < 0.9) == (place % 2 == 0))
    made = training.train()
    scoring.refresh()
    answer = browse(head).get(RANKING)
    assert answer.context["in_use"] is True
    text = answer.content.decode()
    assert str(made.metrics["learnt"]["auc_mean"]) in text
    for line in made.metrics["lift"]:
        assert f"{line['reached']} %" in text
    why = browse(manager).get(f"{NEXT}{row.public_id}/")
    assert why.context["counted"]


def test_today_reads_the_stored_rank(browse: Browse, manager: Employee, row: Opportunity) -> None:
    later = OpportunityFactory(
        client=ClientFactory(manager=manager, prospect=True, name="后来者"),
        amount=Decimal(1000),
        next_step="Call",
        next_step_on=today(),
    )
    scoring.refresh()
    text = browse(manager).get("/today/").content.decode()
    assert text.index("周婷") < text.index("后来者")
    RankingScore.objects.filter(pk=later.pk).update(pin=1)
    text = browse(manager).get("/today/").content.decode()
    assert text.index("后来者") < text.index("周婷")
