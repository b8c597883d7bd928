"""Classification: one statement, the same answer as a person reading the rules."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from clients.file.selectors import change_reason
from clients.models import Client, Segment, SegmentChange, SegmentRule
from clients.segments import classification
from clients.segments.classification import classify, classify_nightly
from clients.segments.fields import DIMENSIONS
from clients.segments.tasks import tick_classification
from crm.trading_days import today
from staff.models import Branch, Employee
from tests.factories import BranchFactory, ClientFactory, EmployeeFactory

pytestmark = pytest.mark.django_db
# The column of a client that each list of a rule is about; ages go by the birthday.
FIELDS = {
    "income_levels": "income_level",
    "investment_sizes": "investment_size",
    "investment_styles": "investment_style",
    "commission_tiers": "commission_tier",
    "risk_grades": "risk_grade",
    "lifecycles": "lifecycle",
    "activities": "activity",
    "prospect_types": "prospect_type",
    "kinds": "kind",
}


def segment_of(client: Client) -> str:
    client.refresh_from_db()
    return client.segment.key


def test_it_moves_whom_the_rules_name_and_says_by_which_rule(zhang: Client) -> None:
    Client.objects.filter(pk=zhang.pk).update(investment_size="very_large")
    assert classify(clients=[zhang.pk]) == 1
    assert segment_of(zhang) == "private"
    assert zhang.segment_since == today()
    change = zhang.segment_changes.get()
    assert (change.segment.key, change.pinned, change.employee) == ("private", False, None)
    assert change.rule == Segment.objects.get(key="private").rules.get()


def test_it_writes_the_first_change_of_a_client_and_then_nothing(zhang: Client) -> None:
    assert classify() == 1
    zhang.refresh_from_db()
    before = (zhang.segment_since, zhang.updated_at, zhang.version)
    assert classify() == 0
    zhang.refresh_from_db()
    assert (zhang.segment_since, zhang.updated_at, zhang.version) == before
    assert zhang.segment_changes.count() == 1


def test_it_keeps_whom_no_rule_matches_in_sight(zhang: Client) -> None:
    Client.objects.filter(pk=zhang.pk).update(investment_size="", income_level="")
    classify()
    assert segment_of(zhang) == "general"


def test_it_leaves_pinned_and_merged_clients_alone(zhang: Client, zhou: Client) -> None:
    wrong = Segment.objects.get(key="private")
    Client.objects.filter(pk=zhang.pk).update(
        segment=wrong, segment_pinned=True, segment_reason="an old friend of the house"
    )
    Client.objects.filter(pk=zhou.pk).update(segment=wrong, merged_into=zhang)
    assert classify() == 0
    assert segment_of(zhang) == segment_of(zhou) == "private"
    assert not SegmentChange.objects.exists()


def test_the_nearest_branch_wins_over_the_firm_whatever_the_priority(
    zhang: Client, company: Branch, branch: Branch, other_branch: Branch
) -> None:
    def own(key: str, of: Branch, priority: int) -> None:
        segment = Segment.objects.create(key=key, name_zh=key, branch=of)
        SegmentRule.objects.create(segment=segment, priority=priority, valid_from=date(2026, 1, 1))

    own("elsewhere", other_branch, 1)
    own("company", company, 2)
    assert classify() == 1
    assert segment_of(zhang) == "company"
    own("branch", branch, 900)
    classify()
    assert segment_of(zhang) == "branch"


def test_a_rule_counts_from_its_first_day_until_the_day_it_ends(zhang: Client) -> None:
    segment = Segment.objects.create(key="new", name_zh="新")
    rule = SegmentRule.objects.create(
        segment=segment, priority=0, valid_from=today() + timedelta(days=1)
    )
    classify()
    assert segment_of(zhang) == "small_conservative"
    SegmentRule.objects.filter(pk=rule.pk).update(valid_from=today())
    classify()
    assert segment_of(zhang) == "new"
    SegmentRule.objects.filter(pk=rule.pk).update(valid_to=today())
    classify()
    assert segment_of(zhang) == "small_conservative"


def test_it_stays_within_a_branch(zhang: Client, stranger: Employee, branch: Branch) -> None:
    away = ClientFactory(manager=stranger, investment_size="very_large")
    Client.objects.filter(pk=zhang.pk).update(investment_size="very_large")
    assert classify(branch=branch) == 1
    assert segment_of(away) == "general"
    assert classify(clients=[]) == 0
    assert classify() == 1


def test_it_asks_once_however_many_clients_there_are(zhang: Client, manager: Employee) -> None:
    ClientFactory.create_batch(20, manager=manager, investment_size="large")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert classify() == 21
    # One statement; the others only say when foreign keys are checked.
    ours = [query["sql"] for query in queries]
    assert [sql for sql in ours if "SAVEPOINT" not in sql and "CONSTRAINTS" not in sql] == [
        sql for sql in ours if "WITH target" in sql
    ]
    assert len(ours) == 4


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (date(1996, 6, 11), "under_30"),
        (date(1996, 6, 10), "under_45"),
        (date(1966, 6, 11), "under_60"),
        (date(1966, 6, 10), "under_70"),
        (date(1956, 6, 10), "older"),
    ],
)
def test_a_band_of_ages_begins_on_the_birthday(zhang: Client, born: date, band: str) -> None:
    segment = Segment.objects.create(key="age", name_zh="年龄")
    SegmentRule.objects.create(
        segment=segment, priority=0, valid_from=date(2026, 1, 1), ages=[band]
    )
    Client.objects.filter(pk=zhang.pk).update(birthday=born)
    with time_machine.travel(datetime(2026, 6, 10, 12, tzinfo=TestNight.zone), tick=False):
        classify()
    assert segment_of(zhang) == "age"
    Client.objects.filter(pk=zhang.pk).update(birthday=None)
    classify()
    assert segment_of(zhang) != "age"


class TestNight:
    zone = ZoneInfo("Asia/Shanghai")

    def at(self, day: int, hour: int) -> int | None:
        with time_machine.travel(datetime(2026, 6, day, hour, 30, tzinfo=self.zone), tick=False):
            return classify_nightly()

    def ran(self, day: int, hour: int) -> None:
        from crm.models import Heartbeat

        when = datetime(2026, 6, day, hour, 30, tzinfo=self.zone)
        Heartbeat.objects.update_or_create(name="classification", defaults={"beat_at": when})

    def test_it_runs_once_a_night_after_two(self, zhang: Client) -> None:
        self.ran(9, 2)
        assert self.at(10, 1) is None
        assert self.at(10, 2) == 1
        assert self.at(10, 3) is None
        assert self.at(11, 1) is None
        assert self.at(11, 2) == 0

    def test_it_takes_up_a_night_that_was_missed(self, zhang: Client) -> None:
        self.ran(7, 2)
        assert self.at(10, 17) == 1

    def test_a_run_that_fails_is_repeated(
        self, zhang: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.ran(9, 2)
        with monkeypatch.context() as broken:
            broken.setattr(classification, "_CLASSIFY", "SELECT 1/0")
            with pytest.raises(Exception, match="division by zero"):
                self.at(10, 2)
        assert self.at(10, 2) == 1

    def test_a_pin_whose_day_has_passed_is_told(self, zhang: Client) -> None:
        self.ran(9, 2)
        private = Segment.objects.get(key="private")
        Client.objects.filter(pk=zhang.pk).update(
            segment=private,
            segment_pinned=True,
            segment_reason="老朋友",
            segment_pinned_until=date(2026, 6, 9),
        )
        assert self.at(10, 2) == 1
        ended, moved = zhang.segment_changes.order_by("id")
        assert (ended.segment, ended.pinned, ended.employee) == (private, False, None)
        assert change_reason(ended) == "锁定期已过"
        zhang.refresh_from_db()
        assert (zhang.segment, zhang.segment_pinned) == (moved.segment, False)
        assert moved.segment != private

    def test_the_tick_does_it(self, zhang: Client) -> None:
        self.ran(9, 2)
        with time_machine.travel(datetime(2026, 6, 10, 2, 30, tzinfo=self.zone), tick=False):
            tick_classification()
        assert zhang.segment_changes.count() == 1


def _rule(draw: Any, branches: list[Branch]) -> dict[str, Any]:
    # Few fields, so that rules match at all.
    names = draw(st.lists(st.sampled_from(list(DIMENSIONS)), max_size=2, unique=True))
    lists = {
        name: draw(st.lists(st.sampled_from(DIMENSIONS[name].choices.values), max_size=3))
        for name in names
    }
    ends = draw(st.sampled_from([None, today() - timedelta(days=3), today() + timedelta(days=3)]))
    starts = today() + timedelta(days=draw(st.sampled_from([-9, -4, 2])))
    return {
        **lists,
        "priority": draw(st.integers(1, 3)),
        "valid_from": starts if ends is None else min(starts, ends),
        "valid_to": ends,
        "branch": draw(st.sampled_from([None, *branches])),
    }


def _value(client: Client, name: str) -> str:
    if name != "ages":
        return str(getattr(client, FIELDS[name]))
    if client.birthday is None:
        return ""
    day, born = today(), client.birthday
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    bands = {30: "under_30", 45: "under_45", 60: "under_60", 70: "under_70"}
    return next((band for end, band in bands.items() if years < end), "older")


def _expected(client: Client, rules: list[SegmentRule]) -> int:
    """The rules as a person reads them."""

    def near(rule: SegmentRule) -> int:
        return -len(rule.segment.branch.path) if rule.segment.branch else 0

    def matches(rule: SegmentRule) -> bool:
        own = rule.segment.branch
        return (
            rule.valid_from <= today()
            and (rule.valid_to is None or today() < rule.valid_to)
            and (own is None or client.branch.path.startswith(own.path))
            and all(
                not getattr(rule, name) or _value(client, name) in getattr(rule, name)
                for name in DIMENSIONS
            )
        )

    found = sorted(filter(matches, rules), key=lambda r: (near(r), r.priority, r.segment_id))
    return found[0].segment_id if found else Segment.objects.get(is_default=True).pk


class TestOracle(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(data=st.data())
    def test_it_says_what_the_rules_say(self, data: st.DataObject) -> None:
        SegmentRule.objects.all().delete()
        firm = BranchFactory(code="HO", kind="head_office", parent=None)
        company = BranchFactory(code="C", kind="branch_company", parent=firm)
        branches = [firm, company, *(BranchFactory(parent=company) for _ in range(2))]
        for number in range(data.draw(st.integers(0, 6))):
            rule = _rule(data.draw, branches)
            own = rule.pop("branch")
            segment = Segment.objects.create(key=f"s{number}", name_zh="段", branch=own)
            SegmentRule.objects.create(segment=segment, **rule)
        employees = [EmployeeFactory(branch=branch) for branch in branches]
        clients = [
            ClientFactory(
                manager=data.draw(st.sampled_from(employees)),
                birthday=data.draw(st.none() | st.dates(date(1940, 1, 1), date(2010, 1, 1))),
                **{
                    field: data.draw(st.sampled_from(DIMENSIONS[name].choices.values))
                    for name, field in FIELDS.items()
                },
            )
            for _ in range(8)
        ]
        classify()
        rules = list(SegmentRule.objects.select_related("segment__branch"))
        for client in clients:
            client.refresh_from_db()
            assert client.segment_id == _expected(client, rules)
