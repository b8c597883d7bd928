"""What figures say of a client: size, style, activity, and the segment that follows."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.figures.derive import derive, derive_nightly
from clients.models import Client, DerivedProfile, FundAccount, MonthlyFigure, SegmentChange
from crm.trading_days import today
from staff.models import Branch, Employee, Policy
from tests.factories import ClientFactory, FundAccountFactory, MonthlyFigureFactory

pytestmark = pytest.mark.django_db


def ago(months: int) -> date:
    """First day of the month so many months before this one."""
    count = today().year * 12 + today().month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def figures(
    account: FundAccount, months: Sequence[tuple[int, int]], assets: int, *, start: int = 0
) -> None:
    """Turnover and trades of months, the latest first, with the same assets."""
    for place, (turnover, trades) in enumerate(months):
        month = ago(place + start)
        MonthlyFigureFactory(
            account=account,
            month=month,
            as_of=month,
            assets=assets,
            turnover=turnover,
            trades=trades,
        )


@pytest.fixture
def account(zhang: Client) -> FundAccount:
    return FundAccountFactory(client=zhang)


@pytest.mark.parametrize(
    ("assets", "size"),
    [
        (0, "small"),
        (99_999, "small"),
        (100_000, "medium"),
        (499_999, "medium"),
        (500_000, "large"),
        (3_000_000, "very_large"),
    ],
)
def test_assets_give_the_size(zhang: Client, account: FundAccount, assets: int, size: str) -> None:
    figures(account, [(1, 1)], assets)
    derive()
    zhang.refresh_from_db()
    assert zhang.investment_size == size


def test_assets_are_those_last_reported_of_each_open_account(
    zhang: Client, account: FundAccount
) -> None:
    second = FundAccountFactory(client=zhang)
    closed = FundAccountFactory(client=zhang, closed_on=today())
    figures(account, [(1, 1), (1, 1)], 300_000)
    figures(second, [(1, 1)], 250_000, start=2)
    figures(closed, [(1, 1)], 9_000_000)
    derive()
    assert zhang.derived.assets == 550_000
    zhang.refresh_from_db()
    assert zhang.investment_size == "large"


@pytest.mark.parametrize(
    ("turnover", "months", "style"),
    [
        (16_000, 12, "conservative"),
        (17_000, 12, "balanced"),
        (66_000, 12, "balanced"),
        (67_000, 12, "aggressive"),
        # A quarter counts as a year's share.
        (17_000, 3, "balanced"),
        # Too short to tell: what was known stays.
        (67_000, 2, "conservative"),
    ],
)
def test_turnover_gives_the_style(
    zhang: Client, account: FundAccount, turnover: int, months: int, style: str
) -> None:
    """Of 100,000 in assets: twice a year makes balanced, eight times aggressive."""
    figures(account, [(turnover, 1)] * months, 100_000)
    derive()
    zhang.refresh_from_db()
    assert zhang.investment_style == style


@pytest.mark.parametrize(
    ("commission", "months", "tier"),
    [
        (83, 12, "low"),
        (84, 12, "medium"),
        (833, 12, "medium"),
        (834, 12, "high"),
        (4_167, 12, "top"),
        # A quarter counts as a year's share.
        (834, 3, "high"),
        # Too short to tell, and not told at all.
        (9_000, 2, ""),
        (None, 12, ""),
    ],
)
def test_commission_gives_the_tier(
    zhang: Client, account: FundAccount, commission: int | None, months: int, tier: str
) -> None:
    figures(account, [(1, 1)] * months, 100_000)
    account.figures.update(commission=commission)
    derive()
    zhang.refresh_from_db()
    assert zhang.commission_tier == zhang.derived.commission_tier == tier
    known = tier and commission and Decimal(commission * 12)
    assert zhang.derived.commission == (known or None)


def test_commission_of_all_accounts_counts_and_a_silent_month_is_none(
    zhang: Client, account: FundAccount
) -> None:
    second = FundAccountFactory(client=zhang)
    for each in (account, second):
        figures(each, [(1, 1)] * 12, 100_000)
        each.figures.update(commission=500)
    # Of these months neither account states a commission: the year is that of the other nine.
    MonthlyFigure.objects.filter(month__gte=ago(2)).update(commission=None)
    derive()
    zhang.refresh_from_db()
    assert zhang.derived.commission == 12_000
    assert zhang.commission_tier == "high"


def test_commission_that_is_no_longer_told_leaves_no_tier_behind(
    zhang: Client, account: FundAccount
) -> None:
    figures(account, [(1, 1)] * 3, 100_000)
    account.figures.update(commission=5_000)
    derive()
    account.figures.update(commission=None)
    assert derive() == 1
    zhang.refresh_from_db()
    assert zhang.commission_tier == ""
    assert zhang.derived.commission is None


def test_bounds_of_commission_are_policies_too(
    zhang: Client, account: FundAccount, branch: Branch
) -> None:
    figures(account, [(1, 1)] * 12, 100_000)
    account.figures.update(commission=100)
    Policy.objects.create(
        key="figures_commission_top",
        value=Decimal(1_200),
        unit="CNY",
        branch=branch,
        valid_from=today(),
        citation="x",
        status="verified",
    )
    derive()
    zhang.refresh_from_db()
    assert zhang.commission_tier == "top"


def test_what_lies_more_than_a_year_back_is_no_style(zhang: Client, account: FundAccount) -> None:
    figures(account, [(0, 0)] * 12 + [(9_000_000, 9)] * 6, 100_000)
    derive()
    assert zhang.derived.turnover_rate == 0


@pytest.mark.parametrize(
    ("months", "assets", "activity"),
    [
        ([(50_000, 2)], 200_000, "active"),
        ([(0, 0)] * 2 + [(50_000, 2)], 200_000, "active"),
        ([(0, 0)] * 3 + [(50_000, 2)], 200_000, "half_dormant"),
        ([(0, 0)] * 11 + [(50_000, 2)], 200_000, "half_dormant"),
        ([(0, 0)] * 12 + [(50_000, 2)], 200_000, "dormant"),
        # Next to nothing in it: dormant sooner, and a trifle of a trade keeps nobody awake.
        ([(0, 0)] * 3 + [(50_000, 2)], 999, "dormant"),
        ([(0, 0)] * 2 + [(50_000, 2)], 999, "active"),
        ([(900, 1)] * 12, 9_999, "half_dormant"),
        ([(900, 1)] * 12, 10_000, "active"),
        ([(9_000, 1)] * 12, 9_999, "active"),
        # An account that is new has only been silent since it is there.
        ([(0, 0)] * 2, 200_000, "active"),
    ],
)
def test_trades_give_the_activity(
    zhang: Client,
    account: FundAccount,
    months: list[tuple[int, int]],
    assets: int,
    activity: str,
) -> None:
    figures(account, months, assets)
    derive()
    zhang.refresh_from_db()
    assert zhang.activity == activity
    assert zhang.activity_on == ago(0)


def test_the_state_is_dated_when_it_begins(zhang: Client, account: FundAccount) -> None:
    Client.objects.filter(pk=zhang.pk).update(activity="active", activity_on=date(2020, 1, 1))
    figures(account, [(50_000, 2)], 200_000)
    derive()
    zhang.refresh_from_db()
    assert zhang.activity_on == date(2020, 1, 1)


def test_bounds_are_policies_and_the_nearest_branch_wins(
    zhang: Client, account: FundAccount, branch: Branch, stranger: Employee
) -> None:
    other = FundAccountFactory(client=ClientFactory(manager=stranger))
    for each in (account, other):
        figures(each, [(17_000, 1)] * 12, 100_000)
    Policy.objects.create(
        key="figures_style_balanced",
        value=Decimal(5),
        unit="times_a_year",
        branch=branch,
        valid_from=today(),
        citation="x",
        status="verified",
    )
    derive()
    assert DerivedProfile.objects.get(client=zhang).investment_style == "conservative"
    assert DerivedProfile.objects.get(client=other.client).investment_style == "balanced"


def test_the_segment_follows_and_its_history_says_so(zhang: Client, account: FundAccount) -> None:
    figures(account, [(1, 1)], 5_000_000)
    version = zhang.version
    assert derive() == 1
    zhang.refresh_from_db()
    assert zhang.segment.key == "private"
    assert SegmentChange.objects.get(client=zhang).segment.key == "private"
    assert zhang.version == version + 1
    assert zhang.events.order_by("pgh_id")[0].investment_size == "small"  # type: ignore[attr-defined]


def test_a_typed_value_gives_way_and_is_kept(zhang: Client, account: FundAccount) -> None:
    figures(account, [(1, 1)] * 3, 200_000)
    derive()
    profile = DerivedProfile.objects.get()
    assert (profile.replaced_size, profile.replaced_style) == ("small", "")
    assert profile.replaced_on == today()
    # Typed again: the next run says so again; a value that it derived itself was typed by nobody.
    Client.objects.filter(pk=zhang.pk).update(investment_size="very_large")
    derive()
    zhang.refresh_from_db()
    profile.refresh_from_db()
    assert (zhang.investment_size, profile.replaced_size) == ("medium", "very_large")
    account.figures.update(assets=600_000)
    derive()
    profile.refresh_from_db()
    assert (profile.investment_size, profile.replaced_size) == ("large", "very_large")


def test_a_second_run_changes_nothing(zhang: Client, account: FundAccount) -> None:
    figures(account, [(1, 1)] * 3, 200_000)
    assert derive() == 1
    before = [list(Client.objects.values()), list(DerivedProfile.objects.values())]
    assert derive() == 0
    assert [list(Client.objects.values()), list(DerivedProfile.objects.values())] == before


def test_prospects_and_clients_without_figures_stay_as_they_are(
    zhang: Client, zhou: Client, account: FundAccount
) -> None:
    figures(FundAccountFactory(client=zhou), [(1, 1)] * 3, 9_000_000)
    assert derive() == 0
    assert not DerivedProfile.objects.exists()


def test_only_the_named_clients(zhang: Client, account: FundAccount, manager: Employee) -> None:
    other = FundAccountFactory(client=ClientFactory(manager=manager))
    for each in (account, other):
        figures(each, [(1, 1)], 5_000_000)
    derive(clients=[zhang.pk])
    assert list(DerivedProfile.objects.values_list("client", flat=True)) == [zhang.pk]
    assert derive(clients=[]) == 0


def test_accounts_of_a_merged_client_count_for_the_survivor(
    zhang: Client, account: FundAccount, manager: Employee
) -> None:
    survivor = ClientFactory(manager=manager)
    figures(account, [(1, 1)], 5_000_000)
    Client.objects.filter(pk=zhang.pk).update(merged_into=survivor)
    derive(clients=[survivor.pk])
    assert DerivedProfile.objects.get().client == survivor
    zhang.refresh_from_db()
    assert zhang.investment_size == "small"


def test_the_number_of_statements_does_not_grow(zhang: Client, manager: Employee) -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            figures(FundAccountFactory(client=ClientFactory(manager=manager)), [(1, 1)], 1)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            derive()
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_night_derives_once(zhang: Client, account: FundAccount) -> None:
    figures(account, [(1, 1)], 5_000_000)
    zone = ZoneInfo("Asia/Shanghai")
    before = datetime.combine(today(), time(1, 29), zone)
    with time_machine.travel(before, tick=False):
        assert derive_nightly() is None
    with time_machine.travel(before + timedelta(minutes=2), tick=False):
        assert derive_nightly() == 1
        assert derive_nightly() is None


def test_an_unknown_turnover_says_nothing(zhang: Client, account: FundAccount) -> None:
    """Neither is it a month without a trade, nor does it make the others look lazy."""
    figures(account, [(100_000, 1)] * 6, 100_000)
    figures(account, [(0, 0)] * 6, 100_000, start=6)
    account.figures.filter(turnover=0).update(turnover=None, trades=None)
    derive()
    zhang.refresh_from_db()
    assert zhang.derived.turnover_rate == 12
    account.figures.update(turnover=None, trades=None, assets=999)
    derive()
    zhang.refresh_from_db()
    assert zhang.activity == "active"
    assert DerivedProfile.objects.get(client=zhang).turnover_rate is None
    assert zhang.derived.idle_months == 0
