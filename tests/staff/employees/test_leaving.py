"""An employee leaves: clients stay with the firm, the login ends, or nothing happens at all."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from clients.file.services import employee_leaves
from clients.models import Client
from crm.operations import EmployeeLeft, employee_left
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory

pytestmark = pytest.mark.django_db


def test_clients_stay_with_the_branch_and_its_head_sees_them(
    zhang: Client, zhou: Client, manager: Employee, head: Employee, browse: Browse
) -> None:
    employee_leaves(employee=manager, left_on=today(), by=head)
    assert (manager.is_active, manager.left_on) == (False, today())
    for client in (zhang, zhou):
        version = client.version
        client.refresh_from_db()
        assert (client.manager, client.branch) == (None, head.branch)
        assert client.version == version + 1
        assert client.assignments.get().valid_to == today()
    shown = browse(head).get("/clients/?manager=none").context["page"].items
    assert {client.pk for client in shown} == {zhang.pk, zhou.pk}
    assert len(shown) == 2


def test_a_day_before_the_clients_came_ends_them_on_the_day_they_came(
    zhang: Client, zhou: Client, manager: Employee, head: Employee
) -> None:
    employee_leaves(employee=manager, left_on=today() - timedelta(days=30), by=head)
    row = zhou.assignments.get()
    assert row.valid_to == row.valid_from == zhou.recorded_on


def test_a_part_that_fails_undoes_everything(
    zhang: Client, manager: Employee, head: Employee
) -> None:
    callback = CallbackFactory(client=zhang)

    def fail(event: EmployeeLeft) -> None:
        assert not Client.objects.filter(manager=event.employee).exists()
        raise RuntimeError("the last part fails")

    employee_left.register("test", 999, fail)
    try:
        with pytest.raises(RuntimeError):
            employee_leaves(employee=manager, left_on=today(), by=head)
    finally:
        employee_left.unregister("test")
    manager.refresh_from_db()
    zhang.refresh_from_db()
    callback.refresh_from_db()
    assert (manager.is_active, manager.left_on) == (True, None)
    assert zhang.manager == manager
    assert zhang.assignments.get().valid_to is None
    assert (callback.status, callback.employee) == ("open", manager)


def test_leaving_twice_or_on_a_coming_day_is_refused(
    zhang: Client, manager: Employee, head: Employee
) -> None:
    with pytest.raises(ValidationError):
        employee_leaves(employee=manager, left_on=today() + timedelta(days=1), by=head)
    zhang.refresh_from_db()
    assert zhang.manager == manager
    employee_leaves(employee=manager, left_on=today(), by=head)
    with pytest.raises(ValidationError):
        employee_leaves(employee=manager, left_on=today(), by=head)
