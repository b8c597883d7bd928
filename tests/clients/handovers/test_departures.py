"""Managers who leave: their book is handed over, and each client is paid a return visit."""

import threading
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from clients.file.services import employee_leaves
from clients.handovers import services as handovers
from clients.models import Assignment, Client, HandOver
from crm import operations, trading_days
from crm.trading_days import today
from staff.models import Employee, Policy
from tests.cast import Browse
from tests.clients.handovers.test_handovers import NEW, ask, book, decide, typed
from tests.factories import ClientFactory
from visits.models import Callback
from visits.planning.planner import plan_callbacks

pytestmark = pytest.mark.django_db
CHINA = ZoneInfo("Asia/Shanghai")


def test_a_departure_plans_a_return_visit_once(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    row = ask(browse, head, **typed(manager, colleague, departing="on"))
    decide(browse, head, row, "approve")
    handovers.run(row.pk)
    visit = Callback.objects.get(client=zhang, kind="manual")
    assert (visit.employee, visit.due_on) == (colleague, trading_days.add(today(), 5))
    assert manager.full_name in visit.reason


def test_a_manager_who_leaves_before_the_day_is_succeeded_all_the_same(
    zhang: Client,
    zhou: Client,
    manager: Employee,
    colleague: Employee,
    head: Employee,
    browse: Browse,
) -> None:
    tomorrow = today() + timedelta(days=1)
    row = ask(browse, head, **typed(manager, colleague, effective_on=tomorrow.isoformat()))
    decide(browse, head, row, "approve")
    employee_leaves(employee=manager, left_on=today(), by=head)
    Client.objects.filter(pk=zhou.pk).update(manager=head)
    HandOver.objects.update(effective_on=today())
    assert handovers.run(row.pk)
    assert book(colleague) == {"张伟"}
    assert book(head) == {"周婷"}


def test_the_book_of_somebody_who_left_can_be_handed_over(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    Assignment.objects.get_or_create(
        client=zhang,
        kind="serves",
        valid_to=None,
        defaults={"employee": manager, "valid_from": today()},
    )
    ClientFactory(manager=None, branch=zhang.branch, name="无主")
    employee_leaves(employee=manager, left_on=today(), by=head)
    row = ask(browse, head, **typed(manager, colleague, departing="on"))
    decide(browse, head, row, "approve")
    handovers.run(row.pk)
    assert book(colleague) == {"张伟"}
    assert Callback.objects.get(client=zhang, kind="manual").employee == colleague


def test_the_days_of_a_return_visit_are_a_policy(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    assert Policy.objects.filter(key="departure_visit_days").update(value=2) == 1
    row = ask(browse, head, **typed(manager, colleague, departing="on"))
    decide(browse, head, row, "approve")
    handovers.run(row.pk)
    assert Callback.objects.get(client=zhang, kind="manual").due_on == trading_days.add(today(), 2)


def test_the_days_of_a_return_visit_are_those_of_the_branch(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    Policy.objects.create(
        key="departure_visit_days",
        value=3,
        unit="trading_days",
        branch=zhang.branch,
        valid_from=today(),
        citation="本部规定",
        status="unverified",
    )
    row = ask(browse, head, **typed(manager, colleague, departing="on"))
    decide(browse, head, row, "approve")
    handovers.run(row.pk)
    assert Callback.objects.get(client=zhang, kind="manual").due_on == trading_days.add(today(), 3)


def test_leaving_leads_to_the_hand_over(
    zhang: Client, manager: Employee, administrator: Employee, browse: Browse
) -> None:
    Assignment.objects.get_or_create(
        client=zhang,
        kind="serves",
        valid_to=None,
        defaults={"employee": manager, "valid_from": today()},
    )
    link = f"{NEW}?manager={manager.pk}"
    page = browse(administrator).get(reverse("admin:staff_employee_leave", args=[manager.pk]))
    assert link in page.content.decode()
    assert browse(administrator).get(link).context["form"].initial["origin"] == str(manager.pk)


@pytest.mark.django_db(transaction=True)
def test_nobody_leaves_while_clients_are_given_to_them(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee
) -> None:
    requested = handovers.HandOverRequest(
        manager, [colleague], "even", today(), False, "x", "", None
    )
    row = handovers.ask(requested=requested, by=head)
    HandOver.objects.filter(pk=row.pk).update(state="approved", decided_by=head)

    def leave() -> None:
        try:
            employee_leaves(employee=colleague, left_on=today(), by=head)
        finally:
            connection.close()

    other = threading.Thread(target=leave)

    def begin(_event: operations.ClientsHandedOver) -> None:
        other.start()
        other.join(1)
        assert other.is_alive()  # waits for the hand-over

    operations.hand_over.register("test", 99, begin)
    try:
        assert handovers.run(row.pk)
    finally:
        operations.hand_over.unregister("test")
    other.join(10)
    zhang.refresh_from_db()
    assert zhang.manager is None  # given, then released with all the others


def test_a_departure_visit_does_not_put_off_what_is_overdue(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    plan_callbacks(clients=[zhang.pk])
    regular = Callback.objects.get(client=zhang, kind="cadence", status="open")
    late = trading_days.add(regular.due_on, 8)
    with time_machine.travel(datetime.combine(late, time(10), tzinfo=CHINA), tick=False):
        row = ask(browse, head, **typed(manager, colleague, departing="on"))
        decide(browse, head, row, "approve")
        handovers.run(row.pk)
        visit = Callback.objects.get(client=zhang, kind="manual")
        assert visit.due_on == regular.due_on < today()
        regular.refresh_from_db()
        assert (regular.status, regular.merged_into) == ("merged", visit)
