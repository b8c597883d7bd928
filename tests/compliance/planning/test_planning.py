"""What the rules ask for is planned once; a year's end is frozen once; merged
clients count as their survivor."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import translation

from clients.models import Client, DerivedProfile
from compliance.coverage import selectors as coverage_selectors
from compliance.models import ReturnVisit, YearEnd, YearEndClient
from compliance.planning import planner
from compliance.return_visits import services as return_visits
from staff.models import Branch, Employee, Policy
from tests.cast import Browse
from tests.compliance.conftest import made
from tests.factories import ClientFactory, FundAccountFactory, MonthlyFigureFactory
from visits.models import Occasion
from visits.planning.planner import plan_callbacks

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 10)


@pytest.fixture(autouse=True)
def _frozen(zhang: Client) -> object:
    # Recorded long ago, so that nothing but what a test does is a reason.
    Client.objects.filter(pk=zhang.pk).update(opened_on=date(2020, 1, 6))
    at = datetime(2026, 6, 10, 14, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    with time_machine.travel(at, tick=False):
        yield


def reasons() -> dict[str, date | None]:
    """Reason and last day of what is planned."""
    rows = ReturnVisit.objects.values_list("reason", "callback__hard_limit_on")
    return dict(rows)


def set_policy(key: str, value: int) -> None:
    Policy.objects.filter(key=key).update(value=value)


def test_nothing_is_planned_without_a_reason(zhang: Client) -> None:
    assert planner.plan() == planner.Counts()


def test_a_new_account_within_its_month(zhang: Client, mei: Employee) -> None:
    Client.objects.filter(pk=zhang.pk).update(
        opened_on=date(2026, 5, 31), created_at="2026-05-31T02:00Z"
    )
    assert planner.plan() == planner.Counts(planned=1, given=1)
    assert reasons() == {"new_account": date(2026, 6, 30)}
    row = ReturnVisit.objects.select_related("callback").get()
    assert TODAY <= row.callback.due_on <= date(2026, 6, 30)
    assert (row.callback.employee, row.callback.confidential) == (mei, True)
    assert planner.plan() == planner.Counts()


def test_one_opened_before_it_came_here_is_not_late_at_once(zhang: Client) -> None:
    Client.objects.filter(pk=zhang.pk).update(
        opened_on=date(2026, 4, 1), created_at="2026-06-09T02:00Z"
    )
    assert planner.plan().planned == 0


def test_the_policy_in_force_says_how_long(zhang: Client) -> None:
    set_policy("new_account_window_months", 2)
    Client.objects.filter(pk=zhang.pk).update(opened_on=TODAY, created_at="2026-06-10T02:00Z")
    planner.plan()
    assert reasons() == {"new_account": date(2026, 8, 10)}


def test_a_manager_who_left(zhang: Client, manager: Employee, mei: Employee) -> None:
    Employee.objects.filter(pk=manager.pk).update(left_on=date(2026, 6, 8))
    planner.plan()
    assert reasons() == {"departure": date(2026, 7, 8)}
    assert planner.plan().planned == 0


def test_a_complaint_that_was_noted(zhang: Client) -> None:
    for void, day in ((True, date(2026, 6, 1)), (False, date(2026, 6, 9))):
        Occasion.objects.create(
            client=zhang, kind="complaint", happened_on=day, source_key=f"c{void}", void=void
        )
    planner.plan()
    assert reasons() == {"complaint": date(2026, 7, 9)}


@pytest.mark.parametrize(("before", "planned"), [(0, 1), (12_000_000, 0)])
def test_large_assets_for_the_first_time(before: int, planned: int, zhang: Client) -> None:
    account = FundAccountFactory(client=zhang)
    for month, assets in ((date(2025, 12, 1), before), (date(2026, 5, 1), 11_000_000)):
        MonthlyFigureFactory(
            account=account, month=month, assets=assets, as_of=month + timedelta(days=27)
        )
    DerivedProfile.objects.update_or_create(
        client=zhang,
        defaults={
            "as_of": TODAY,
            "assets": 11_000_000,
            "idle_months": 0,
            "investment_size": "large",
            "activity": "active",
        },
    )
    assert planner.plan().planned == planned


@pytest.mark.parametrize(
    ("flows", "month", "planned"),
    [
        ((3_000_000, 2_000_000), date(2026, 5, 1), 1),  # over all accounts
        ((-5_000_000, 0), date(2026, 5, 1), 1),  # outflow as well
        ((6_000_000, -5_000_000), date(2026, 5, 1), 0),  # from one account to another
        ((4_999_999, 0), date(2026, 5, 1), 0),
        ((9_000_000, 0), date(2026, 1, 1), 0),  # no news
    ],
)
def test_a_large_sum_in_or_out_of_a_month(
    flows: tuple[int, int], month: date, planned: int, zhang: Client
) -> None:
    for flow in flows:
        MonthlyFigureFactory(
            account=FundAccountFactory(client=zhang),
            month=month,
            net_inflow=flow,
            as_of=month + timedelta(days=27),
        )
    assert planner.plan().planned == planned
    assert reasons() == ({"flow": date(2026, 6, 27)} if planned else {})
    assert planner.plan().planned == 0


def old_clients(manager: Employee, count: int) -> list[Client]:
    made_ones: list[Client] = ClientFactory.create_batch(
        count, manager=manager, opened_on=date(2020, 1, 6)
    )
    return made_ones


def test_the_share_of_the_years_end_and_no_more(manager: Employee, branch: Branch) -> None:
    old_clients(manager, 24)
    planner.freeze(2025)
    counted = YearEndClient.objects.filter(left_out="").count()
    assert counted == 25
    assert planner.plan().planned == 3  # a tenth, rounded up
    assert reasons() == {"yearly": date(2026, 12, 31)}
    assert planner.plan().planned == 0
    # A branch's own share, which is nearer, holds; what is planned already counts.
    Policy.objects.create(
        key="return_visit_yearly_percent",
        value=20,
        unit="percent",
        branch=branch,
        valid_from=date(2026, 1, 1),
        citation="本部规定",
        status="unverified",
    )
    assert planner.plan().planned == 2
    assert planner.plan().planned == 0


def test_dormant_clients_do_not_count(manager: Employee) -> None:
    dormant = old_clients(manager, 4)[0]
    Client.objects.filter(pk=dormant.pk).update(activity="dormant")
    planner.freeze(2025)
    assert YearEndClient.objects.get(client=dormant).left_out == "dormant"
    assert YearEndClient.objects.filter(left_out="").count() == 4


def test_a_year_is_frozen_once_and_when_it_is_over(zhang: Client) -> None:
    planner.freeze(2025)
    for year in (2025, 2026):
        with pytest.raises(ValidationError):
            planner.freeze(year)
    assert YearEnd.objects.count() == 1


@pytest.mark.parametrize(
    ("day", "frozen", "due"),
    [
        (date(2026, 1, 2), [], True),
        (date(2026, 6, 10), [], False),
        (date(2026, 6, 10), [2024], True),
        (date(2026, 6, 10), [2025], False),
    ],
)
def test_the_night_freezes_what_is_due(day: date, frozen: list[int], due: bool) -> None:
    for year in frozen:
        YearEnd.objects.create(year=year)
    assert (planner.freeze_when_due(day) is not None) == due


def of_branch(branch: Branch, key: str, value: int) -> None:
    Policy.objects.create(
        key=key,
        value=value,
        unit="x",
        branch=branch,
        valid_from=date(2026, 1, 1),
        citation="本部规定",
        status="unverified",
    )


def test_a_branchs_own_days_and_sum_hold_there(
    zhang: Client, stranger: Employee, branch: Branch
) -> None:
    of_branch(branch, "return_visit_extra_days", 10)
    of_branch(branch, "return_visit_assets_over", 1_000_000)
    elsewhere = ClientFactory(manager=stranger, opened_on=date(2020, 1, 6))
    for client in (zhang, elsewhere):
        MonthlyFigureFactory(
            account=FundAccountFactory(client=client),
            month=date(2026, 5, 1),
            assets=2_000_000,
            as_of=date(2026, 5, 28),
        )
        DerivedProfile.objects.update_or_create(
            client=client,
            defaults={
                "as_of": TODAY,
                "assets": 2_000_000,
                "idle_months": 0,
                "investment_size": "large",
                "activity": "active",
            },
        )
        Occasion.objects.create(
            client=client,
            kind="complaint",
            happened_on=date(2026, 6, 9),
            source_key=f"c{client.pk}",
        )
    planner.plan()
    rows = ReturnVisit.objects.values_list(
        "callback__client", "reason", "callback__hard_limit_on"
    ).order_by("callback__client", "reason")
    assert list(rows) == [
        (zhang.pk, "assets", date(2026, 6, 7)),
        (zhang.pk, "complaint", date(2026, 6, 19)),
        (elsewhere.pk, "complaint", date(2026, 7, 9)),
    ]


def test_the_page_of_rules_shows_what_holds(branch: Branch) -> None:
    of_branch(branch, "return_visit_extra_days", 10)
    of_branch(branch, "contact_gap_days", 2)  # no number of return visits
    with translation.override("zh-hans"):
        found = [
            (rule.shown, rule.branch)
            for rule in coverage_selectors.rules()
            if rule.branch == str(branch)
        ]
        sources = " ".join(rule.citation for rule in coverage_selectors.rules())
    assert found == [("10", str(branch))]
    assert "replaced" not in sources
    assert "policies" not in sources


def test_a_branch_may_give_new_accounts_another_window(
    zhang: Client, stranger: Employee, branch: Branch
) -> None:
    of_branch(branch, "new_account_window_months", 2)
    elsewhere = ClientFactory(manager=stranger)
    Client.objects.filter(pk__in=[zhang.pk, elsewhere.pk]).update(
        opened_on=date(2026, 6, 8), created_at="2026-06-08T02:00Z"
    )
    planner.plan()
    rows = ReturnVisit.objects.values_list("callback__client", "callback__hard_limit_on")
    assert dict(rows) == {zhang.pk: date(2026, 8, 8), elsewhere.pk: date(2026, 7, 8)}


@pytest.mark.parametrize("opened", [False, True], ids=["complaint", "yearly"])
def test_it_comes_back_with_a_client_who_was_closed_by_mistake(
    opened: bool, zhang: Client, mei: Employee
) -> None:
    if opened:
        planner.freeze(2025)
    else:
        Occasion.objects.create(
            client=zhang, kind="complaint", happened_on=date(2026, 6, 9), source_key="c"
        )
    assert planner.plan().planned == 1
    row = ReturnVisit.objects.select_related("callback").get()
    Client.objects.filter(pk=zhang.pk).update(lifecycle="closed")
    plan_callbacks(clients=[zhang.pk])
    row.callback.refresh_from_db()
    assert row.callback.status == "cancelled"
    assert planner.plan().planned == 0
    Client.objects.filter(pk=zhang.pk).update(lifecycle="client")
    assert planner.plan() == planner.Counts(planned=1, given=1)
    row.callback.refresh_from_db()
    assert (row.callback.status, row.callback.employee) == ("open", mei)
    assert list(row.steps.values_list("action", flat=True)) == ["planned", "planned"]
    assert planner.plan() == planner.Counts()


def test_what_an_officer_closed_stays_closed(
    zhang: Client, mei: Employee, compliance: Employee
) -> None:
    Occasion.objects.create(
        client=zhang, kind="complaint", happened_on=date(2026, 6, 9), source_key="c"
    )
    planner.plan()
    return_visits.close(return_visit=ReturnVisit.objects.get(), words="重复", by=compliance)
    assert planner.plan() == planner.Counts()
    assert ReturnVisit.objects.get().state == ReturnVisit.State.CLOSED


@pytest.mark.parametrize(
    ("year", "status"),
    [
        ("", 200),
        ("2025", 200),
        ("2000", 200),
        ("0000", 404),
        ("1999", 404),
        ("2101", 404),
        ("9999", 404),
        ("26", 404),
        ("²⁰²⁶", 404),
        ("x", 404),
    ],
)
def test_coverage_of_a_year_that_there_is(
    year: str, status: int, compliance: Employee, browse: Browse
) -> None:
    browser = browse(compliance)
    assert browser.get("/compliance/coverage/", {"year": year}).status_code == status


def test_coverage_counts_reviewed_visits_and_merged_clients_as_their_survivor(
    zhang: Client, manager: Employee, mei: Employee, compliance: Employee
) -> None:
    twin = old_clients(manager, 1)[0]
    planner.freeze(2025)
    Client.objects.filter(pk=twin.pk).update(merged_into=zhang)
    row = ReturnVisit.objects.get(
        pk=return_visits.plan_by_hand(
            client=zhang,
            due_on=TODAY,
            words="抽查",
            by=compliance,
            token="6f2c9a52-0000-4000-8000-000000000009",  # type: ignore[arg-type]
        ).pk
    )

    def covered() -> tuple[int, int, int]:
        (line,) = coverage_selectors.coverage(compliance, 2026)
        return line.to_review.value, line.covered.value, line.counted.value

    assert covered() == (0, 0, 2)
    made(row, mei)
    assert covered() == (1, 0, 2)
    return_visits.review(return_visit=row, by=compliance, accept=True, words="")
    # Whoever was merged is reached by the visit to the survivor; the denominator stays frozen.
    assert covered() == (0, 2, 2)
