"""Next best contacts beside Today: who is suggested, how great and why, and who is not."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client, Lifecycle
from crm.trading_days import today
from pipeline.models import Opportunity, RankingScore
from pipeline.ranking import scoring, suggestions
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory, ClientFactory, OpportunityFactory
from tests.pipeline.ranking.outcomes import policies

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("an_ordinary_day")]
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def row(zhou: Client) -> Opportunity:
    return OpportunityFactory(client=zhou, amount=Decimal(800_000))


def names(employee: Employee) -> list[str]:
    scoring.refresh()
    return [item.name for item in suggestions.suggested(employee)]


def test_it_names_whom_to_call_with_a_level_and_a_sentence(
    browse: Browse, manager: Employee, zhou: Client, row: Opportunity
) -> None:
    Client.objects.filter(pk=zhou.pk).update(last_contact_on=today() - timedelta(days=30))
    scoring.refresh()
    page = browse(manager).get("/today/", headers=ENGLISH).content.decode()
    assert "Opportunity high" in page
    assert "¥800,000 expected: no contact for 30 days." in page
    assert f'href="/pipeline/next/{row.public_id}/"' in page
    assert "How is this ranked" in page


def agreed_ahead(row: Opportunity) -> None:
    Opportunity.objects.update(next_step="面谈", next_step_on=today() + timedelta(days=3))


def spoken_to(days: int) -> Callable[[Opportunity], Any]:
    return lambda row: Client.objects.update(last_contact_on=today() - timedelta(days=days))


def callback(**more: Any) -> Callable[[Opportunity], Any]:
    ahead = more.pop("ahead")
    return lambda row: CallbackFactory(
        client=row.client, due_on=today() + timedelta(days=ahead), **more
    )


@pytest.mark.parametrize(
    "change",
    [
        spoken_to(0),
        spoken_to(1),
        agreed_ahead,
        callback(ahead=0),
        callback(ahead=-3),
        callback(ahead=6),
        callback(ahead=40, kind="promise"),
        callback(ahead=40, kind="cadence", is_placed=True),
        lambda row: Client.objects.update(calls_refused=True),
        lambda row: Client.objects.update(lifecycle=Lifecycle.CLOSED),
    ],
    ids=[
        "today",
        "yesterday",
        "step",
        "due",
        "late",
        "week",
        "promise",
        "snoozed",
        "refused",
        "closed",
    ],
)
def test_it_leaves_out_whoever_is_served_or_may_not_be_called(
    manager: Employee, row: Opportunity, change: Callable[[Opportunity], Any]
) -> None:
    assert names(manager) == ["Ms 周婷"]
    change(row)
    assert names(manager) == []


@pytest.mark.parametrize("change", [spoken_to(2), callback(ahead=40, kind="cadence")])
def test_it_keeps_whoever_was_left_alone_since(
    manager: Employee, row: Opportunity, change: Callable[[Opportunity], Any]
) -> None:
    change(row)
    assert names(manager) == ["Ms 周婷"]


def test_it_counts_friday_as_yesterday_on_a_monday() -> None:
    monday = today() + timedelta(days=5)
    assert suggestions.trading_day_before(monday) == monday - timedelta(days=3)


def test_it_leaves_out_what_was_put_last_and_the_clients_of_others(
    manager: Employee, colleague: Employee, row: Opportunity
) -> None:
    assert names(colleague) == []
    RankingScore.objects.update(pin=-1)
    assert suggestions.suggested(manager) == []


def test_it_names_a_client_of_two_opportunities_once(manager: Employee, row: Opportunity) -> None:
    OpportunityFactory(client=row.client, kind="referral")
    assert names(manager) == ["Ms 周婷"]


def test_it_takes_the_levels_from_the_policy(manager: Employee, row: Opportunity) -> None:
    scoring.refresh()
    found = []
    for high, middle in ((1, 1), (10**9, 1), (10**9, 10**9)):
        policies(ranking_opportunity_high=high, ranking_opportunity_middle=middle)
        found.append(suggestions.suggested(manager)[0].level)
    assert found == ["high", "middle", "low"]


def test_it_says_a_step_by_its_words(manager: Employee, row: Opportunity) -> None:
    Opportunity.objects.update(next_step="寄资料", next_step_on=today() - timedelta(days=3))
    scoring.refresh()
    assert "寄资料" in suggestions.suggested(manager)[0].why


def test_it_takes_the_same_number_of_statements(manager: Employee, row: Opportunity) -> None:
    counts = []
    for more in (0, 20):
        for client in ClientFactory.create_batch(more, manager=manager, prospect=True):
            OpportunityFactory(client=client)
        scoring.refresh()
        suggestions.suggested(manager)
        with CaptureQueriesContext(connection) as captured:
            found = suggestions.suggested(manager)
        counts.append(len(captured))
    assert len(found) == suggestions.SHOWN
    assert counts[0] == counts[1] <= 3
