"""What is written out in SQL tells each viewer what the access rule tells."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Assignment, Client
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory, ClientFactory, VisitFactory
from visits.contacts import recent
from visits.models import Callback, CallbackPlan, Visit

pytestmark = pytest.mark.django_db
VIEWERS = ["manager", "head", "regional_head", "compliance", "former"]


@pytest.fixture
def told(zhang: Client) -> Client:
    """A client with contacts and callbacks, confidential and void ones among them."""
    merged = ClientFactory(manager=zhang.manager, merged_into=zhang)
    for n, client in enumerate([zhang, zhang, merged]):
        at = timezone.now() - timedelta(days=n)
        VisitFactory(client=client, occurred_at=at)
        VisitFactory(client=client, occurred_at=at, confidential=True)
    VisitFactory(client=zhang, void=True, void_reason="写错了客户", voided_at=timezone.now())
    CallbackFactory(client=zhang)
    CallbackFactory(client=zhang, confidential=True, employee=None)
    return zhang


@pytest.fixture
def former(told: Client, head: Employee) -> Employee:
    """A branch head who served the client once, and so is told nothing confidential."""
    day = today() - timedelta(days=900)
    Assignment.objects.create(
        client=told, employee=head, kind="serves", valid_from=day, valid_to=day, reason="交接"
    )
    return head


@pytest.mark.parametrize("name", VIEWERS)
def test_it_tells_what_the_rule_tells(
    told: Client, name: str, request: pytest.FixtureRequest
) -> None:
    viewer: Employee = request.getfixturevalue(name)
    visits = Visit.objects.visible_to(viewer).filter(client__in=told.group)
    assert Client.objects.visible_to(viewer).filter(pk=told.pk).exists()
    kept = visits.order_by("-occurred_at", "-id").values_list("pk", flat=True)
    assert [row.id for row in recent.contacts(viewer, told, 9, void=True)] == list(kept)
    kept = kept.filter(void=False)
    assert [row.id for row in recent.contacts(viewer, told, 9)] == list(kept)
    assert [row.id for row in recent.contacts(viewer, told, 2)] == list(kept[:2])
    due = Callback.objects.visible_to(viewer).filter(client=told, status="open")
    found = [row.public_id for row in recent.callbacks(viewer, told, 9)]
    assert found == list(due.order_by("due_on", "id").values_list("public_id", flat=True))


def test_a_manager_is_told_nothing_confidential(told: Client, manager: Employee) -> None:
    shown = [row.id for row in recent.contacts(manager, told, 9, void=True)]
    assert len(shown) == 4
    assert not Visit.objects.filter(pk__in=shown, confidential=True).exists()
    assert len(recent.callbacks(manager, told, 9)) == 1


def test_an_officer_is_told_all_of_it(told: Client, compliance: Employee) -> None:
    assert len(recent.contacts(compliance, told, 9, void=True)) == 7
    assert len(recent.callbacks(compliance, told, 9)) == 2


@pytest.mark.parametrize("because", ["closed", "refused", "no_plan", "unknown"])
def test_where_nothing_is_planned_it_says_why(
    because: str, zhang: Client, manager: Employee, browse: Browse
) -> None:
    if because == "closed":
        Client.objects.filter(pk=zhang.pk).update(lifecycle="closed")
    elif because == "refused":
        Client.objects.filter(pk=zhang.pk).update(calls_refused=True)
    elif because == "no_plan":
        CallbackPlan.objects.filter(segment=zhang.segment).update(valid_to=today())
    sentence = {
        "closed": "客户已销户",
        "refused": "客户谢绝来电",
        "no_plan": "客户群没有回访方案",
        "unknown": "暂无安排",
    }[because]
    Employee.objects.filter(pk=manager.pk).update(language="zh-hans")
    page = browse(manager).get(zhang.get_absolute_url())
    panel = next(one for one in page.context["panels"] if one["key"] == "visits.due")
    assert panel["rows"] == []
    assert sentence in panel["why"]
    assert panel["why"] in page.content.decode()
