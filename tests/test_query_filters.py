"""Every list answers a bad filter alike, and its filters go through an address and back."""

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients.directory.filters import ClientFilter
from clients.models import Client, Tag
from compliance.cases.filters import CaseFilter
from compliance.coverage.filters import NewAccountFilter, YearEndFilter
from compliance.models import ExceptionCase, ReturnVisit, YearEnd, YearEndClient
from compliance.return_visits.filters import ReturnVisitFilter
from compliance.return_visits.services import plan_by_hand
from crm.query_filters import QueryFilter, parameter
from crm.trading_days import today
from dashboards.conversion.filters import ConversionFilter
from pipeline.board.list_filter import OpportunityListFilter
from pipeline.models import Channel, Lead, Opportunity
from staff.models import Branch, Employee
from staff.scope_filter import ScopeFilter
from tests.cast import Browse
from tests.factories import CallbackFactory, ClientFactory, OpportunityFactory, VisitFactory
from visits.lists.filters import CalendarFilter, CallbackFilter, VisitFilter
from visits.models import Callback, Visit

pytestmark = pytest.mark.django_db
BAD = "x²\x00"
PAGES: dict[str, type[QueryFilter]] = {
    "/clients/": ClientFilter,
    "/callbacks/": CallbackFilter,
    "/visits/": VisitFilter,
    "/calendar/": CalendarFilter,
    "/record/": VisitFilter,
    "/pipeline/": OpportunityListFilter,
    "/pipeline/list/": OpportunityListFilter,
    "/pipeline/calendar/": OpportunityListFilter,
    "/pipeline/next/": ScopeFilter,
    "/referrals/": ScopeFilter,
    "/leads/": ScopeFilter,
    "/board/": ScopeFilter,
    "/board/conversion/": ConversionFilter,
    "/compliance/visits/": ReturnVisitFilter,
    "/compliance/cases/": CaseFilter,
    "/compliance/coverage/2026/": YearEndFilter,
    "/compliance/coverage/2026/new-accounts/": NewAccountFilter,
}
# Words to search for and marks that are there or not: none of them is wrong.
FREE = {"q", "tag", "mine", "exact"}
# What says how another one is meant, or what is shown where it is missing.
DEPENDENT = {"status", "reached", "within", "from", "to", "done_from", "done_to", "exact", "share"}


@pytest.fixture
def firm(
    zhang: Client, zhou: Client, manager: Employee, compliance: Employee, branch: Branch
) -> dict[str, list[Any]]:
    """Something in every list; values of an address by parameter."""
    day = today()
    other = ClientFactory(manager=manager, referred_by=zhang)
    done = {"status": "done", "done_at": timezone.now(), "done_on": day}
    CallbackFactory(client=zhang, due_on=day - timedelta(days=3))
    CallbackFactory(client=other, due_on=day, **done)
    visit = VisitFactory(client=zhang)
    opportunity = OpportunityFactory(client=zhou, created_on=day)
    OpportunityFactory(client=other, amount=5, next_step="x", next_step_on=day)
    channel = Channel.objects.create(name="社区", kind="community")
    Lead.objects.create(client=zhou, channel=channel, via="quick", employee=manager, on=day)
    plan_by_hand(client=zhang, due_on=day, words="异常", by=compliance, token=uuid.uuid4())
    ExceptionCase.objects.create(client=zhang, visit=visit, concerned=manager, findings=[])
    year_end = YearEnd.objects.create(year=2025)
    YearEndClient.objects.create(year_end=year_end, client=zhang, branch=branch)
    Tag.objects.create(name="企业主")
    days = [day.isoformat(), (day - timedelta(days=2)).isoformat(), "2026-01-31"]
    stages = ["new", "contacted", "lost"]
    dates = ("created", "expected", "next", "due", "done", "date")
    return {
        "manager": [manager.pk],
        "branch": [branch.pk],
        "segment": [zhang.segment_id, other.segment_id],
        "lifecycle": ["client", "prospect"],
        "risk": ["C3", "none", "expired"],
        "quiet": ["30"],
        "assets_from": ["1000000"],
        "assets_to": ["1000000"],
        "activity": ["active"],
        "commission": ["high"],
        "source": ["referral"],
        "tag": ["企业主"],
        "only": [f"{zhang.public_id}.{zhou.public_id}"],
        "q": ["客户"],
        "status": ["open"],
        "outcome": [visit.outcome_id],
        "reached": [],
        "rated": ["1"],
        "type": ["none", "avoidant"],
        "channel": [channel.pk, "none", "other"],
        "campaign": ["none", "other"],
        "lost_reason": [],
        "competitor": [],
        "gap": ["1"],
        "state": ["open", "lost"],
        "scope": ["board"],
        "stage": [opportunity.stage.key],
        "entered": stages,
        "lost_from": stages,
        "within": ["30"],
        "reason": ["hand", "yearly"],
        "year": ["2026"],
        "mine": ["1"],
        "exact": ["1"],
        "share": ["counted", "covered", "dormant"],
        **{f"{name}_{end}": days for name in dates for end in ("from", "to")},
        "from": days,
        "to": days,
    }


def rows_of(answer: Any) -> Any:
    """What a page lists or counts."""
    found = answer.context
    if "page" in found and hasattr(found["page"], "items"):
        return list(found["page"].items)
    if "page" in found and hasattr(found["page"], "created"):
        return found["page"].created.value
    if "page" in found:
        return [card for day in found["page"].days for card in day.cards]
    if "month" in found:
        return found["month"].figures.count
    if "months" in found:
        return sum(line.contacts for line in found["months"]) if found["months"] else 0
    board = found["board"]
    return board.figures.count if hasattr(board, "figures") else board.total.clients


@pytest.mark.parametrize("page", PAGES)
def test_it_answers_a_bad_value_with_a_sentence_and_no_rows(
    page: str, firm: dict[str, list[Any]], head: Employee, browse: Browse
) -> None:
    browser = browse(head)
    assert browser.get(page).status_code == 200
    for name in map(parameter, PAGES[page].base_filters):
        if name in FREE:
            continue
        answer = browser.get(page, {name: BAD})
        text = answer.content.decode()
        assert answer.status_code == 400, (page, name)
        assert text.count('role="alert"') == 1, (page, name)
        assert "“x²�” ×" in text, (page, name)
        assert not rows_of(answer), (page, name)


def test_what_is_wrong_can_be_taken_away(
    firm: dict[str, list[Any]], head: Employee, browse: Browse
) -> None:
    browser = browse(head)
    chips = (
        browser.get("/callbacks/?kind=x&segment=9999999&by=day&cursor=y").context["filters"].chips
    )
    assert [chip.url for chip in chips] == ["?segment=9999999&by=day", "?kind=x&by=day"] or [
        chip.url for chip in chips
    ] == ["?kind=x&by=day", "?segment=9999999&by=day"]
    kept = browser.get(f"/callbacks/{chips[0].url}").context["filters"]
    assert len(kept.data) == 1


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        (ClientFilter, Client),
        (CallbackFilter, Callback),
        (VisitFilter, Visit),
        (OpportunityListFilter, Opportunity),
        (ReturnVisitFilter, ReturnVisit),
        (CaseFilter, ExceptionCase),
    ],
)
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_its_filters_go_through_an_address_and_back(
    filters: type[QueryFilter], rows: Any, firm: dict[str, list[Any]], head: Employee, data: Any
) -> None:
    known = {name: firm.get(name) for name in map(parameter, filters.base_filters)}
    optional = {name: st.sampled_from(values) for name, values in known.items() if values}
    chosen = data.draw(st.fixed_dictionaries({}, optional=optional))
    seen = rows.objects.visible_to(head)

    def keys(query: str) -> set[int]:
        return set(filters(QueryDict(query), head).narrow(seen).values_list("pk", flat=True))

    asked = filters(QueryDict(urlencode(chosen)), head)
    assert asked.is_valid(), asked.errors
    found = set(asked.narrow(seen).values_list("pk", flat=True))
    assert asked.asked == {name: str(value) for name, value in chosen.items()}
    assert keys(urlencode(asked.asked)) == found
    for chip, name in zip(asked.chips, map(parameter, asked.data), strict=True):
        rest = {key: value for key, value in chosen.items() if key != name}
        assert keys(chip.url.removeprefix("?")) == keys(urlencode(rest))
    if not chosen.keys() & DEPENDENT:
        for name, value in chosen.items():
            assert found <= keys(urlencode({name: value})), name
