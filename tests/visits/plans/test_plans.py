"""Plans in the product: how each segment is contacted, changed by heads, in force from today."""

from datetime import date
from typing import Any

import pytest

from clients.models import Client, Segment
from crm.trading_days import today
from staff.models import Branch, Employee
from tests.cast import Browse
from visits.models import CallbackPlan
from visits.plans import services as plans

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(segment: Segment) -> CallbackPlan:
    return CallbackPlan.objects.get(segment=segment, valid_to=None)


def form(plan: CallbackPlan, **more: Any) -> dict[str, Any]:
    return {
        "every": plan.every,
        "unit": plan.unit,
        "shift": plan.shift,
        "window_days": plan.window_days,
        "channel": plan.channel,
        "script": plan.script_id,
        "remind_at": plan.remind_at.isoformat(),
        "remind_leads": ", ".join(map(str, plan.remind_leads)),
        "daily_capacity": plan.daily_capacity or "",
        **more,
    }


def test_the_list_shows_each_segment_with_its_plan(manager: Employee, browse: Browse) -> None:
    answer = browse(manager).get("/plans/")
    assert len(answer.context["rows"]) == Segment.objects.count()
    assert not any(acts for *_, acts in answer.context["rows"])


def test_a_change_is_a_new_row_from_today(
    plan: CallbackPlan, segment: Segment, administrator: Employee, browse: Browse
) -> None:
    url = f"/plans/{segment.pk}/"
    assert browse(administrator).post(url, form(plan, every=45, unit="day")).status_code == 302
    plan.refresh_from_db()
    assert (plan.every, plan.valid_to) == (3, today())
    new = CallbackPlan.objects.get(segment=segment, valid_to=None)
    assert (new.every, new.unit, new.valid_from) == (45, "day", today())
    # Changed again on the same day: in place.
    assert browse(administrator).post(url, form(new, every=30)).status_code == 302
    assert CallbackPlan.objects.filter(segment=segment).count() == 2


def test_a_change_has_the_segment_planned_after_commit(
    plan: CallbackPlan,
    segment: Segment,
    zhang: Client,
    django_capture_on_commit_callbacks: Any,
) -> None:
    values = {name: getattr(plan, name) for name in plans.PLAN_COLUMNS}
    with django_capture_on_commit_callbacks() as sent:
        plans.change_plan(segment=segment, values={**values, "every": 2})
    assert len(sent) == 1
    assert sent[0].args == (segment.pk, today().isoformat())


def test_unchanged_values_change_nothing(
    plan: CallbackPlan, segment: Segment, administrator: Employee, browse: Browse
) -> None:
    assert browse(administrator).post(f"/plans/{segment.pk}/", form(plan)).status_code == 302
    assert CallbackPlan.objects.get(segment=segment) == plan


def test_a_segment_may_have_no_cadence(
    plan: CallbackPlan, segment: Segment, administrator: Employee, browse: Browse
) -> None:
    browse(administrator).post(f"/plans/{segment.pk}/", form(plan, every=""))
    assert CallbackPlan.objects.get(segment=segment, valid_to=None).every is None
    assert browse(administrator).get("/plans/").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"every": "0"},
        {"every": "-3"},
        {"every": "99999"},
        {"unit": "year"},
        {"window_days": "9999"},
        {"remind_at": "25:00"},
        {"remind_leads": "61"},
        {"daily_capacity": "0"},
        {"script": "999999"},
        {"channel": "pigeon"},
    ],
)
def test_bad_values_are_refused(
    wrong: dict[str, str],
    plan: CallbackPlan,
    segment: Segment,
    administrator: Employee,
    browse: Browse,
) -> None:
    answer = browse(administrator).post(f"/plans/{segment.pk}/", form(plan, **wrong))
    assert answer.status_code == 422
    assert CallbackPlan.objects.filter(segment=segment).count() == 1


def test_a_branch_head_changes_the_branchs_plans_only(
    plan: CallbackPlan,
    segment: Segment,
    branch: Branch,
    head: Employee,
    manager: Employee,
    compliance: Employee,
    stranger: Employee,
    browse: Browse,
) -> None:
    own = Segment.objects.create(key="own", name_zh="本部客户", branch=branch, tier=3)
    for person in (head, manager, compliance):
        assert browse(person).post(f"/plans/{segment.pk}/", form(plan, every=9)).status_code == 403
    assert browse(manager).post(f"/plans/{own.pk}/", form(plan)).status_code == 403
    assert browse(stranger).get(f"/plans/{own.pk}/").status_code == 404
    assert browse(head).post(f"/plans/{own.pk}/", form(plan, every=9)).status_code == 302
    made = CallbackPlan.objects.get(segment=own)
    assert (made.every, made.valid_from) == (9, today())
    assert CallbackPlan.objects.get(segment=segment).valid_from == date(2000, 1, 1)
