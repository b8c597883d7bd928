"""What visits/ does in the operations that span rooms."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from clients.file.services import assign, employee_leaves
from clients.merging import services as merging
from clients.models import Client, ClientMerge, Household, Lifecycle, Membership
from crm.operations import AccountOpened, account_opened
from crm.trading_days import add, today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory, ClientFactory, VisitFactory
from visits.contacts.services import cancel
from visits.models import Callback
from visits.planning.occasions import note_occasion
from visits.planning.planner import plan_callbacks

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

    monkeypatch.setattr("visits.integration.operations.plan_callbacks", broken)
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


@pytest.fixture
def double(manager: Employee) -> Client:
    """Zhang's second record."""
    return ClientFactory(name="张伟", name_pinyin="zhangwei", manager=manager)


def merge(survivor: Client, merged: Client, by: Employee) -> ClientMerge:
    for client in (survivor, merged):
        client.refresh_from_db()
    seen = {survivor.pk: survivor.version, merged.pk: merged.version}
    return merging.merge(survivor=survivor, merged=merged, versions=seen, take={}, by=by)


def test_two_that_were_handed_over_together_are_merged(
    zhang: Client, double: Client, manager: Employee
) -> None:
    """Each is owed the return visit of the same hand-over; one is made."""
    kept, twice = (
        CallbackFactory(client=client, occurrence="handover:7") for client in (zhang, double)
    )
    other = CallbackFactory(client=double, occurrence="manual:x")
    done = merge(zhang, double, manager)
    assert set(Callback.objects.open().filter(client=zhang, kind="manual")) == {kept, other}
    twice.refresh_from_db()
    assert (twice.client, twice.status) == (double, "cancelled")
    merging.undo(done=done, by=manager)
    other.refresh_from_db()
    assert (other.client, other.status) == (double, "open")


def test_an_occasion_of_the_merged_record_is_still_called_about(
    zhang: Client, double: Client, manager: Employee, browse: Browse
) -> None:
    noted = note_occasion(client=double, kind="complaint", happened_on=today(), by=manager)
    done = merge(zhang, double, manager)
    rows = Callback.objects.filter(kind="complaint", status__in=["open", "merged"])
    assert [row.client for row in rows] == [zhang]
    plan_callbacks()
    assert [row.client for row in rows.all()] == [zhang]
    merging.undo(done=done, by=manager)
    assert [row.client for row in rows.all()] == [double]
    merge(zhang, double, manager)
    answer = browse(manager).post(f"/occasions/{noted.pk}/void/")
    assert answer["Location"] == f"{zhang.get_absolute_url()}occasions/"
    assert not rows.all()


@pytest.mark.parametrize("how", ["done", "dropped"])
def test_an_occasion_that_was_dealt_with_is_not_called_about_again(
    zhang: Client, double: Client, manager: Employee, how: str
) -> None:
    note_occasion(client=double, kind="complaint", happened_on=today(), by=manager)
    call = Callback.objects.get(client=double, kind="complaint")
    if how == "done":
        Callback.objects.filter(pk=call.pk).update(
            status="done", done_at=timezone.now(), done_on=today(), merged_into=None
        )
    else:
        Callback.objects.filter(pk=call.pk).update(status="open", merged_into=None)
        call.refresh_from_db()
        cancel(callback=call, reason="已解决", by=manager)
    merge(zhang, double, manager)
    assert not Callback.objects.filter(client=zhang, kind="complaint").exists()


def test_the_household_shows_what_was_said_to_a_merged_record(
    zhang: Client, double: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    household = Household.objects.create(head=zhou)
    for client, relation in ((zhou, "head"), (zhang, "spouse")):
        Membership.objects.create(
            household=household, client=client, relation=relation, valid_from=today()
        )
    VisitFactory(client=double, notes="老档案里的话")
    merge(zhang, double, manager)
    page = browse(manager).get(f"{zhou.get_absolute_url()}household/").content.decode()
    assert "老档案里的话" in page
