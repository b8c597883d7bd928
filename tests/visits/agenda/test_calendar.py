"""The calendar: what it shows to whom, moving, giving away, and the list in groups."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client
from crm import trading_days
from crm.trading_days import today
from staff.models import Employee, Notification, Role
from tests.cast import Browse
from tests.factories import CallbackFactory, ClientFactory, EmployeeFactory
from visits.agenda import reschedule
from visits.agenda.reschedule import take_back
from visits.models import Callback, CallbackChange
from visits.planning.planner import plan_callbacks

pytestmark = pytest.mark.django_db
WHY = {"because": "client_asked"}


@pytest.fixture
def due(zhang: Client) -> Callback:
    return CallbackFactory(client=zhang, due_on=trading_days.on_or_after(today()))


def next_day(days: int = 1) -> date:
    # From a trading day: on a weekend the next one is where the callback stands already.
    return trading_days.add(trading_days.on_or_after(today()), days)


def weekend() -> date:
    day = next_day(3)
    while trading_days.is_trading_day(day):
        day += timedelta(days=1)
    return day


def cards(answer: Any) -> dict[date, list[str]]:
    days = answer.context["page"].days
    return {day.grid.day: [str(card.public_id) for card in day.cards] for day in days if day.cards}


def test_it_shows_ones_own_month(due: Callback, manager: Employee, browse: Browse) -> None:
    CallbackFactory(client=due.client, employee=None, due_on=due.due_on)
    answer = browse(manager).get(f"/calendar/?on={due.due_on:%Y-%m}")
    assert cards(answer) == {due.due_on: [str(due.public_id)]}
    week = browse(manager).get(f"/calendar/?view=week&on={due.due_on}")
    assert len(week.context["page"].days) == 7
    assert cards(week) == {due.due_on: [str(due.public_id)]}


def test_it_leaves_out_other_peoples_and_closed_ones(
    due: Callback, colleague: Employee, manager: Employee, browse: Browse
) -> None:
    assert cards(browse(colleague).get(f"/calendar/?on={due.due_on:%Y-%m}")) == {}
    foreign = browse(colleague).get(f"/calendar/?manager={manager.pk}")
    assert foreign.status_code == 400
    Callback.objects.filter(pk=due.pk).update(
        status="done", done_on=today(), done_at=timezone.now()
    )
    assert cards(browse(manager).get(f"/calendar/?on={due.due_on:%Y-%m}")) == {}


def test_a_head_sees_numbers_and_a_managers_cards(
    due: Callback, head: Employee, manager: Employee, browse: Browse
) -> None:
    page = browse(head).get(f"/calendar/?on={due.due_on}").context["page"]
    assert {day.grid.day: day.total for day in page.days if day.total} == {due.due_on: 1}
    assert all(not day.cards for day in page.days)
    chosen = browse(head).get(f"/calendar/?on={due.due_on}&manager={manager.pk}")
    assert cards(chosen) == {due.due_on: [str(due.public_id)]}


def test_a_day_is_capped_and_links_to_the_rest(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    for n in range(5):
        CallbackFactory(client=ClientFactory(manager=manager, name=f"客户{n}"), due_on=due.due_on)
    browser = browse(manager)
    found = browser.get(f"/calendar/?on={due.due_on}").context["page"].days
    day = next(day for day in found if day.total)
    assert (len(day.cards), day.total, day.more) == (4, 6, 2)
    assert len(browser.get(day.list_url).context["page"].items) == 6


def test_it_costs_the_same_with_many(due: Callback, manager: Employee, browse: Browse) -> None:
    browser = browse(manager)
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get("/calendar/")
    for n in range(9):
        CallbackFactory(
            client=ClientFactory(manager=manager), due_on=due.due_on + timedelta(days=n % 3)
        )
    with CaptureQueriesContext(connection) as many:
        browser.get("/calendar/")
    assert len(many) == len(few)


@pytest.mark.parametrize("query", ["on=2026-13", "on=x", "on=1899-01", "view=year", "manager=x"])
def test_what_is_not_there_gets_a_sentence(query: str, manager: Employee, browse: Browse) -> None:
    answer = browse(manager).get(f"/calendar/?{query}")
    assert answer.status_code == 400
    assert answer.context["wrong"] or answer.context["filters"].errors
    assert 'role="alert"' in answer.content.decode()


# Moving ---------------------------------------------------------------------------------------


def post_move(browser: Any, callback: Callback, day: Any, htmx: bool = True, **more: Any) -> Any:
    headers = {"HX-Request": "true"} if htmx else {}
    data = {"day": str(day), "back": f"view=week&on={day}", **WHY, **more}
    return browser.post(f"{callback.get_absolute_url()}move/", data, headers=headers)


@pytest.mark.parametrize("htmx", [True, False])
def test_moving_keeps_the_reason(
    htmx: bool, due: Callback, manager: Employee, browse: Browse
) -> None:
    answer = post_move(browse(manager), due, next_day(), htmx, words="after the trip")
    assert answer.status_code == (200 if htmx else 302)
    due.refresh_from_db()
    assert (due.due_on, due.is_placed) == (next_day(), True)
    change = CallbackChange.objects.get(callback=due)
    assert change.action == "moved"
    assert change.reason.endswith("after the trip")
    if htmx:
        page = answer.content.decode()
        days = page.split("data-day=")
        here = next(part for part in days if part.startswith(f'"{next_day()}"'))
        assert f'href="{due.get_absolute_url()}" data-focus' in here


def test_a_day_without_trading_gives_way_and_it_says_so(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    closed = weekend()
    answer = post_move(browse(manager), due, closed)
    due.refresh_from_db()
    assert due.due_on == trading_days.on_or_after(closed) != closed
    assert '"warning"' in answer["HX-Trigger"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": "yesterday"},
        {"day": "2999-01-01"},
        {"day": "soon"},
        {"because": "other"},
        {"because": "whim"},
        {"words": "x" * 300},
    ],
)
def test_a_move_that_makes_no_sense_changes_nothing(
    wrong: dict[str, str], due: Callback, manager: Employee, browse: Browse
) -> None:
    day = wrong.get("day", str(next_day()))
    day = str(today() - timedelta(days=1)) if day == "yesterday" else day
    more = {name: value for name, value in wrong.items() if name != "day"}
    answer = browse(manager).post(
        f"{due.get_absolute_url()}move/", {**WHY, **more, "day": day}, headers={"HX-Request": "1"}
    )
    assert answer.status_code == 422
    before = due.due_on
    due.refresh_from_db()
    assert due.due_on == before
    assert not CallbackChange.objects.exists()


def test_the_hard_limit_holds(due: Callback, manager: Employee, browse: Browse) -> None:
    limit = next_day(2)
    Callback.objects.filter(pk=due.pk).update(hard_limit_on=limit)
    answer = post_move(browse(manager), due, next_day(3))
    assert answer.status_code == 422
    assert limit.isoformat() in answer.content.decode()
    assert post_move(browse(manager), due, limit).status_code == 200


def test_an_appointment_keeps_its_time_and_moves_to_any_day(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    starts_at = timezone.localtime().replace(hour=15, minute=0) + timedelta(days=2)
    meeting = CallbackFactory(
        client=zhang, kind="appointment", starts_at=starts_at, minutes=30, due_on=starts_at.date()
    )
    closed = weekend()
    assert post_move(browse(manager), meeting, closed).status_code == 200
    meeting.refresh_from_db()
    assert meeting.due_on == closed
    at = timezone.localtime(meeting.starts_at)
    assert (at.date(), at.hour) == (closed, 15)


def test_whose_it_is_not_moves_nothing(
    due: Callback, colleague: Employee, compliance: Employee, browse: Browse
) -> None:
    assert post_move(browse(colleague), due, next_day()).status_code == 404
    assert post_move(browse(compliance), due, next_day()).status_code == 403
    assert browse(colleague).put(f"{due.get_absolute_url()}move/").status_code == 405


# Giving away ----------------------------------------------------------------------------------


def give(browser: Any, callback: Callback, to: Employee) -> Any:
    return browser.post(f"{callback.get_absolute_url()}reassign/", {**WHY, "to": to.pk})


def test_it_is_given_to_somebody_who_sees_the_client(
    due: Callback, manager: Employee, head: Employee, colleague: Employee, browse: Browse
) -> None:
    form = browse(manager).get(f"{due.get_absolute_url()}reassign/").context["form"]
    assert list(form.fields["to"].queryset) == [head]
    assert give(browse(manager), due, colleague).status_code == 422
    assert give(browse(manager), due, head).status_code == 302
    due.refresh_from_db()
    assert (due.employee, due.is_reassigned) == (head, True)
    assert CallbackChange.objects.get(callback=due).action == "reassigned"
    assert give(browse(head), due, manager).status_code == 302
    due.refresh_from_db()
    assert (due.employee, due.is_reassigned) == (manager, False)


def test_whoever_is_given_a_callback_is_told(
    due: Callback, manager: Employee, head: Employee
) -> None:
    reschedule.reassign(callback=due, to=head, reason="Trip", by=manager)
    line = Notification.objects.get()
    assert (line.employee, line.url) == (head, due.get_absolute_url())
    assert manager.full_name in line.title
    assert due.client.name not in line.title
    # Whoever takes it back knows that.
    reschedule.reassign(callback=due, to=manager, reason="Back", by=manager)
    assert Notification.objects.count() == 1


@pytest.mark.parametrize("kind", ["manual", "cadence"])
def test_the_planner_leaves_it_with_whoever_has_it(
    kind: str, zhang: Client, manager: Employee, head: Employee
) -> None:
    plan_callbacks(clients=[zhang.pk])
    if kind == "manual":
        CallbackFactory(client=zhang)
    row = Callback.objects.get(client=zhang, kind=kind)
    reschedule.reassign(callback=row, to=head, reason="Trip", by=manager)
    day = row.due_on
    plan_callbacks(clients=[zhang.pk])
    row.refresh_from_db()
    assert (row.employee, row.due_on, row.status) == (head, day, "open")


def test_a_substitute_may_have_it_while_standing_in(
    due: Callback, manager: Employee, colleague: Employee, browse: Browse
) -> None:
    Employee.objects.filter(pk=colleague.pk).update(covers=[manager.pk], covers_until=today())
    assert give(browse(manager), due, colleague).status_code == 302
    assert take_back() == 0
    Employee.objects.filter(pk=colleague.pk).update(covers=[])
    assert take_back() == 1
    due.refresh_from_db()
    assert (due.employee, due.is_reassigned) == (manager, False)


def test_a_head_elsewhere_is_not_offered(
    due: Callback, manager: Employee, other_branch: Any, browse: Browse
) -> None:
    elsewhere = EmployeeFactory(branch=other_branch, role=Role.BRANCH_HEAD)
    assert give(browse(manager), due, elsewhere).status_code == 422
    due.refresh_from_db()
    assert due.employee == manager


# The list in groups ---------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["segment", "day", "week"])
def test_every_group_opens_what_it_counts(
    by: str, due: Callback, zhou: Client, manager: Employee, browse: Browse
) -> None:
    for n in (0, 1, 8):
        CallbackFactory(client=zhou, due_on=due.due_on + timedelta(days=n))
    CallbackFactory(client=zhou, due_on=today() - timedelta(days=9))
    browser = browse(manager)
    found = browser.get(f"/callbacks/?by={by}").context["groups"]
    assert sum(group.count for group in found) == 5
    assert sum(group.late for group in found) == 1
    for group in found:
        assert len(browser.get(f"/callbacks/{group.url}").context["page"].items) == group.count


def test_every_tab_has_what_its_number_says(
    due: Callback, zhou: Client, manager: Employee, browse: Browse
) -> None:
    CallbackFactory(client=zhou, due_on=today() - timedelta(days=9))
    CallbackFactory(client=zhou, due_on=today() + timedelta(days=9))
    browser = browse(manager)
    for _key, _label, url, count in browser.get("/callbacks/").context["tabs"]:
        if count:
            assert len(browser.get(f"/callbacks/{url}").context["page"].items) == int(count)
