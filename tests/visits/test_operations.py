"""What visits/ does in the operations that span rooms."""

from datetime import timedelta

import pytest
from django.db import transaction

from clients.models import Client, Lifecycle
from clients.services import assign, employee_leaves
from crm.operations import AccountOpened, account_opened
from crm.trading_days import add, today
from staff.models import Employee
from tests.factories import CallbackFactory
from visits.models import Callback
from visits.planning import plan_callbacks

pytestmark = pytest.mark.django_db


def test_it_plans_the_first_call_when_an_account_is_opened(zhou: Client) -> None:
    plan_callbacks()
    with transaction.atomic():
        account_opened.run(AccountOpened(zhou, today(), zhou.manager))
    row = Callback.objects.get(client=zhou, kind="new_account", status="open")
    assert row.due_on == add(today(), 5)
    assert row.employee == zhou.manager
    zhou.refresh_from_db()
    assert zhou.lifecycle == Lifecycle.CLIENT
    cadence = Callback.objects.get(client=zhou, kind="cadence", status="open")
    assert cadence.anchor_on == today()


def test_it_opens_no_account_when_planning_fails(
    zhou: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_scope: object) -> None:
        raise RuntimeError("planning failed")

    monkeypatch.setattr("visits.operations.plan_callbacks", broken)
    with pytest.raises(RuntimeError, match="planning failed"), transaction.atomic():
        account_opened.run(AccountOpened(zhou, today(), zhou.manager))
    zhou.refresh_from_db()
    assert zhou.lifecycle == Lifecycle.PROSPECT


def test_it_keeps_the_callbacks_of_an_employee_who_leaves(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee
) -> None:
    plan_callbacks()
    by_hand = CallbackFactory(client=zhang, due_on=today() + timedelta(days=3))
    before = {row.pk: row.due_on for row in Callback.objects.open().filter(client=zhang)}
    employee_leaves(employee=manager, left_on=today(), by=head)
    rows = Callback.objects.open().filter(client=zhang)
    assert {row.pk: row.due_on for row in rows} == before
    assert {row.employee_id for row in rows} == {None}
    zhang.refresh_from_db()
    assign(client=zhang, employee=colleague, on=today(), reason="successor")
    by_hand.refresh_from_db()
    assert by_hand.employee == colleague
    assert set(rows.values_list("employee", flat=True)) == {colleague.pk}
