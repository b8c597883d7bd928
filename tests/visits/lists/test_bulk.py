"""Several callbacks at once: moved, given, cancelled, all of them or none."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client
from crm import trading_days
from crm.trading_days import today
from staff.models import Employee, Notification
from tests.cast import Browse
from tests.factories import CallbackFactory, ClientFactory
from visits.models import Callback, CallbackChange

pytestmark = pytest.mark.django_db


def post(browse: Browse, person: Employee, rows: list[Callback], **values: Any) -> Any:
    keys = [str(row.public_id) for row in rows]
    posted = {"callback": keys, "direct": "1", "query": "status=to_do", **values}
    return browse(person).post("/callbacks/bulk/", posted)


def soon() -> date:
    return trading_days.on_or_after(today() + timedelta(days=3))


@pytest.fixture
def two(zhang: Client, zhou: Client) -> list[Callback]:
    return [CallbackFactory(client=client) for client in (zhang, zhou)]


def days() -> set[date]:
    return set(Callback.objects.open().filter(kind="manual").values_list("due_on", flat=True))


def test_they_move_to_a_day_with_their_history(
    two: list[Callback], manager: Employee, browse: Browse
) -> None:
    answer = post(browse, manager, two, action="move", day=soon(), reason="客户要求")
    assert (answer.status_code, answer["Location"]) == (302, "/callbacks/?status=to_do")
    assert days() == {soon()}
    changes = CallbackChange.objects.filter(action="moved")
    assert {(row.old_due_on, row.new_due_on, row.reason) for row in changes} == {
        (today(), soon(), "客户要求")
    }
    assert all(row.is_placed for row in Callback.objects.filter(kind="manual"))


def test_an_appointment_keeps_its_time(zhang: Client, manager: Employee, browse: Browse) -> None:
    start = timezone.make_aware(datetime.combine(soon(), time(10, 30)))
    row = CallbackFactory(
        client=zhang, kind="appointment", due_on=soon(), starts_at=start, minutes=30
    )
    later = soon() + timedelta(days=1)
    assert post(browse, manager, [row], action="move", day=later, reason="x").status_code == 302
    row.refresh_from_db()
    assert row.due_on == later
    assert timezone.localtime(row.starts_at).strftime("%H:%M") == "10:30"


def test_one_beyond_its_limit_holds_all_back(
    two: list[Callback], manager: Employee, browse: Browse
) -> None:
    Callback.objects.filter(pk=two[0].pk).update(hard_limit_on=today() + timedelta(days=1))
    answer = post(browse, manager, two, action="move", day=soon(), reason="x")
    assert answer.status_code == 422
    assert two[0].client.name in str(answer.context["form"].errors)
    assert days() == {today()}
    assert not CallbackChange.objects.exists()


def test_what_needs_a_heads_approval_is_the_same_as_for_one(
    zhang: Client, manager: Employee, head: Employee, browse: Browse
) -> None:
    """A regular callback may be put off by one cadence; its head decides alone."""
    row = CallbackFactory(client=zhang)
    far = today() + timedelta(days=170)
    assert post(browse, manager, [row], action="move", day=far, reason="x").status_code == 422
    one = browse(manager).post(
        f"/callbacks/{row.public_id}/move/",
        {"day": far, "because": "even_out"},
    )
    assert one.status_code == 422
    assert post(browse, head, [row], action="move", day=far, reason="x").status_code == 302


def test_putting_off_in_small_steps_is_counted_from_the_first(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    row = CallbackFactory(client=zhang)
    codes = []
    for step in range(1, 30):
        day = trading_days.on_or_after(today() + timedelta(days=step * 12))
        codes.append(post(browse, manager, [row], action="move", day=day, reason="x").status_code)
    assert codes[0] == 302
    assert codes[-1] == 422
    assert codes == sorted(codes)


def test_they_are_given_to_who_may_act_on_all(
    two: list[Callback], manager: Employee, head: Employee, stranger: Employee, browse: Browse
) -> None:
    asked = post(browse, head, two, action="reassign", reason="休假")
    assert asked.status_code == 200
    choices = [str(label) for _key, label in asked.context["form"].fields["to"].widget.choices]
    assert str(head) in choices
    assert str(stranger) not in choices
    wrong = post(browse, head, two, action="reassign", reason="x", direct="", to=stranger.pk)
    assert wrong.status_code in {200, 422}
    keys = [str(row.public_id) for row in two]
    posted = {"callback": keys, "action": "reassign", "reason": "休假", "to": head.pk}
    assert browse(head).post("/callbacks/bulk/", posted).status_code == 302
    assert set(Callback.objects.open().values_list("employee", "is_reassigned")) >= {
        (head.pk, True)
    }
    back = {**posted, "to": manager.pk}
    assert browse(head).post("/callbacks/bulk/", back).status_code == 302
    rows = Callback.objects.filter(pk__in=[row.pk for row in two])
    assert set(rows.values_list("employee", "is_reassigned")) == {(manager.pk, False)}
    assert Notification.objects.filter(employee=manager, kind="callback_given").count() == 2
    stranger_posted = {**posted, "to": stranger.pk}
    assert browse(head).post("/callbacks/bulk/", stranger_posted).status_code == 422


def test_they_are_cancelled_for_a_reason(
    two: list[Callback], manager: Employee, browse: Browse
) -> None:
    assert post(browse, manager, two, action="cancel", reason=" ").status_code == 422
    assert post(browse, manager, two, action="cancel", reason="已销户").status_code == 302
    rows = Callback.objects.filter(pk__in=[row.pk for row in two])
    assert set(rows.values_list("status", "cancelled_because")) == {("cancelled", "person")}
    changes = CallbackChange.objects.filter(action="cancelled")
    assert set(changes.values_list("new_due_on", "reason")) == {(None, "已销户")}


@pytest.mark.parametrize(
    "values",
    [
        {"action": "move", "reason": "x"},
        {"action": "move", "reason": "x", "day": "2020-01-01"},
        {"action": "move", "reason": "x", "day": "2036-01-01"},
        {"action": "move", "reason": "x", "day": "soon"},
        {"action": "move", "day": "2026-12-07", "reason": ""},
        {"action": "move", "day": "2026-12-07", "reason": "长" * 201},
        {"action": "drop", "reason": "x"},
        {},
    ],
)
def test_bad_input_changes_nothing(
    values: dict[str, str], two: list[Callback], manager: Employee, browse: Browse
) -> None:
    assert post(browse, manager, two, **values).status_code == 422
    assert days() == {today()}
    assert not CallbackChange.objects.exists()


def test_one_that_was_closed_meanwhile_holds_all_back(
    two: list[Callback], manager: Employee, browse: Browse
) -> None:
    Callback.objects.filter(pk=two[0].pk).update(
        status="done", done_at=timezone.now(), done_on=today()
    )
    answer = post(browse, manager, two, action="cancel", reason="x")
    assert answer.status_code == 422
    two[1].refresh_from_db()
    assert two[1].status == "open"


def test_readers_outsiders_and_wrong_methods(
    two: list[Callback],
    manager: Employee,
    stranger: Employee,
    compliance: Employee,
    browse: Browse,
) -> None:
    asked = {"action": "cancel", "reason": "x"}
    assert post(browse, compliance, two, **asked).status_code == 403
    assert post(browse, stranger, two, **asked).status_code == 422
    assert post(browse, manager, [], **asked).status_code == 422
    assert browse(manager).get("/callbacks/bulk/").status_code == 405
    assert Callback.objects.filter(pk__in=[row.pk for row in two], status="open").count() == 2


def test_confidential_ones_are_out_of_reach(
    zhang: Client, manager: Employee, head: Employee, browse: Browse
) -> None:
    row = CallbackFactory(client=zhang, confidential=True)
    assert post(browse, head, [row], action="cancel", reason="x").status_code == 422


@pytest.mark.parametrize("action", ["move", "reassign", "cancel"])
def test_it_takes_as_many_statements_for_many_as_for_few(
    action: str, manager: Employee, head: Employee, browse: Browse
) -> None:
    counts = []
    for size in (2, 2, 12):
        clients = ClientFactory.create_batch(size, manager=manager)
        rows = [CallbackFactory(client=client) for client in clients]
        values = {"action": action, "reason": "x", "day": soon(), "to": head.pk}
        posted = {"callback": [str(row.public_id) for row in rows], **values}
        browser = browse(head)
        with CaptureQueriesContext(connection) as done:
            assert browser.post("/callbacks/bulk/", posted).status_code == 302
        counts.append(len(done))
    # The first one fills caches.
    assert counts[1] == counts[2]
