"""Days away: calls move off them, the substitute sees and serves the clients meanwhile."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError

from clients.models import Client
from crm.trading_days import today
from staff.absences import services as absences
from staff.models import Absence, Employee
from tests.cast import ORDINARY_DAY as NOW
from tests.cast import Browse
from tests.factories import CallbackFactory, ClientFactory
from visits.models import Callback, CallbackPlan
from visits.planning.planner import plan_callbacks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("an_ordinary_day")]
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def due_on_friday(zhang: Client) -> Client:
    """Zhang's regular callback falls on Friday 12 June 2026, with ten days of window."""
    Client.objects.filter(pk=zhang.pk).update(
        created_at=datetime(2025, 6, 10, tzinfo=SHANGHAI),
        segment_since=date(2025, 6, 10),
        opened_on=date(2025, 6, 10),
        last_contact_on=date(2026, 3, 12),
    )
    CallbackPlan.objects.filter(segment=zhang.segment).update(window_days=10)
    plan_callbacks()
    zhang.refresh_from_db()
    return zhang


def away(employee: Employee, first: int, last: int, substitute: Employee | None = None) -> Absence:
    return absences.enter(
        employee=employee,
        starts_on=date(2026, 6, first),
        ends_on=date(2026, 6, last),
        substitute=substitute,
        reason="年假",
        by=employee,
    )


def the_row(client: Client) -> Callback:
    return Callback.objects.get(client=client, kind="cadence", status="open")


def fresh(employee: Employee) -> Employee:
    """As the next request has it."""
    return Employee.objects.get(pk=employee.pk)


def test_calls_move_off_the_days_and_come_back(due_on_friday: Client, manager: Employee) -> None:
    assert the_row(due_on_friday).due_on == date(2026, 6, 12)
    entered = away(manager, 11, 16)
    assert the_row(due_on_friday).due_on == date(2026, 6, 17)
    assert plan_callbacks().changed == 0
    absences.cancel(absence=entered, by=manager)
    # It may stay where it is: the day is within its window, and nobody is called twice.
    assert the_row(due_on_friday).due_on == date(2026, 6, 17)
    assert plan_callbacks().changed == 0


def test_whoever_is_away_for_the_whole_window_is_stood_in_for(
    due_on_friday: Client, manager: Employee, colleague: Employee
) -> None:
    away(manager, 11, 30, colleague)
    row = the_row(due_on_friday)
    assert (row.employee, row.due_on) == (colleague, date(2026, 6, 12))
    assert plan_callbacks().changed == 0
    with time_machine.travel(NOW.replace(month=7, day=1), tick=False):
        plan_callbacks()
        assert the_row(due_on_friday).employee == manager


def test_without_a_substitute_it_stays_in_its_window(
    due_on_friday: Client, manager: Employee
) -> None:
    away(manager, 11, 30)
    row = the_row(due_on_friday)
    assert row.employee == manager
    assert row.due_on <= row.window_end
    assert plan_callbacks().changed == 0


def test_what_was_set_by_hand_keeps_its_day_and_goes_to_the_substitute(
    zhang: Client, manager: Employee, colleague: Employee
) -> None:
    kept = CallbackFactory(client=zhang, employee=manager, due_on=date(2026, 6, 12))
    away(manager, 11, 16, colleague)
    kept.refresh_from_db()
    assert (kept.employee, kept.due_on) == (colleague, date(2026, 6, 12))


def test_the_substitute_sees_and_serves_on_these_days_only(
    zhang: Client, manager: Employee, colleague: Employee, browse: Browse
) -> None:
    url = zhang.get_absolute_url()
    assert browse(colleague).get(url).status_code == 404
    away(manager, 10, 11, colleague)
    assert browse(fresh(colleague)).get(url).status_code == 200
    assert Client.objects.editable_by(fresh(colleague)).filter(pk=zhang.pk).exists()
    assert zhang in Client.objects.visible_to(manager)
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        # Before any tick: the copy says until when it holds.
        assert zhang not in Client.objects.visible_to(fresh(colleague))
        assert absences.refresh_covers() == 1
        assert fresh(colleague).covers == []


def test_an_absence_to_come_opens_nothing_before_its_day(
    zhang: Client, manager: Employee, colleague: Employee
) -> None:
    away(manager, 15, 16, colleague)
    assert zhang not in Client.objects.visible_to(fresh(colleague))
    with time_machine.travel(NOW.replace(day=15), tick=False):
        absences.refresh_covers()
        assert zhang in Client.objects.visible_to(fresh(colleague))


def test_taking_it_back_ends_the_access_at_once(
    zhang: Client, manager: Employee, colleague: Employee
) -> None:
    entered = away(manager, 10, 11, colleague)
    absences.cancel(absence=entered, by=manager)
    assert zhang not in Client.objects.visible_to(fresh(colleague))


def test_two_absences_on_the_same_days_are_refused(manager: Employee) -> None:
    away(manager, 11, 12)
    with pytest.raises(ValidationError):
        away(manager, 12, 15)


def test_nobody_stands_in_while_away(manager: Employee, colleague: Employee) -> None:
    away(colleague, 11, 12)
    with pytest.raises(ValidationError):
        away(manager, 12, 15, colleague)


@pytest.mark.parametrize("who", ["compliance", "operations"])
def test_a_post_without_clients_is_no_substitute(
    manager: Employee, who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(ValidationError):
        away(manager, 11, 12, request.getfixturevalue(who))


POSTED: dict[str, Any] = {"starts_on": "2026-06-11", "ends_on": "2026-06-12", "reason": "年假"}


def test_one_enters_ones_own_days(manager: Employee, colleague: Employee, browse: Browse) -> None:
    data = {**POSTED, "employee": manager.pk, "substitute": colleague.pk}
    assert browse(manager).post("/absences/new/", data).status_code == 302
    page = browse(manager).get("/absences/").content.decode()
    assert colleague.full_name in page
    entered = Absence.objects.get()
    assert (entered.employee, entered.entered_by) == (manager, manager)
    assert browse(manager).post(f"/absences/{entered.pk}/cancel/").status_code == 302
    entered.refresh_from_db()
    assert entered.cancelled_at is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_on": "2026-06-10", "starts_on": "2026-06-11"},
        {"starts_on": "2026-05-01", "ends_on": "2026-05-02"},
        {"ends_on": "2028-01-01"},
        {"reason": ""},
        {"starts_on": "morgen"},
    ],
)
def test_wrong_days_are_refused_with_a_sentence(
    manager: Employee, browse: Browse, wrong: dict[str, Any]
) -> None:
    response = browse(manager).post("/absences/new/", {**POSTED, "employee": manager.pk, **wrong})
    assert response.status_code == 422
    assert not Absence.objects.exists()


def test_nobody_enters_the_days_of_others_but_the_head(
    manager: Employee, colleague: Employee, stranger: Employee, head: Employee, browse: Browse
) -> None:
    of_colleague = {**POSTED, "employee": colleague.pk}
    assert browse(manager).post("/absences/new/", of_colleague).status_code == 422
    assert browse(head).post("/absences/new/", of_colleague).status_code == 302
    of_stranger = {**POSTED, "employee": stranger.pk}
    assert browse(head).post("/absences/new/", of_stranger).status_code == 422


def test_a_post_without_clients_enters_none(compliance: Employee, browse: Browse) -> None:
    assert browse(compliance).get("/absences/new/").status_code == 403


def test_others_days_are_not_theirs_to_take_back(
    manager: Employee, colleague: Employee, stranger: Employee, browse: Browse
) -> None:
    entered = away(manager, 11, 12, colleague)
    url = f"/absences/{entered.pk}/cancel/"
    assert browse(stranger).post(url).status_code == 404
    assert browse(colleague).post(url).status_code == 403  # stands in, and may read it
    assert browse(manager).get(url).status_code == 405
    entered.refresh_from_db()
    assert entered.cancelled_at is None


def test_days_that_are_over_stay_on_record(manager: Employee, browse: Browse) -> None:
    entered = away(manager, 11, 12)
    with time_machine.travel(NOW.replace(day=20), tick=False):
        browse(manager).post(f"/absences/{entered.pk}/cancel/")
        entered.refresh_from_db()
        assert entered.cancelled_at is None
        assert entered.ends_on < today()


def test_a_book_of_many_moves_in_one_go(
    manager: Employee, django_assert_max_num_queries: Any
) -> None:
    ClientFactory.create_batch(30, manager=manager)
    plan_callbacks()
    with django_assert_max_num_queries(80):
        away(manager, 11, 16)


def test_one_who_was_to_stand_in_is_told_to_find_another(
    manager: Employee, colleague: Employee, browse: Browse
) -> None:
    away(colleague, 12, 16, manager)
    browser = browse(manager)
    entered = browser.post("/absences/new/", {**POSTED, "employee": manager.pk}, follow=True)
    said = [(message.level_tag, str(message)) for message in entered.context["messages"]]
    assert [level for level, _text in said] == ["success", "warning"]
    assert colleague.full_name in said[1][1]
    assert "2026-06-12" in said[1][1]
    # On other days nobody is left alone.
    assert absences.left_alone(away(manager, 22, 23)) == []
