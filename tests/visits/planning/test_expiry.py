"""A risk test or paper that ends makes one callback, which renewal takes away."""

from datetime import timedelta
from uuid import uuid4

import pytest

from clients.file.services import IdentityDocument, set_identity
from clients.models import Client
from crm import trading_days
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from visits.contacts.services import log_visit
from visits.models import Callback, Outcome
from visits.planning.planner import plan_callbacks

pytestmark = pytest.mark.django_db

CARD = "11010519491231002X"


@pytest.fixture(autouse=True)
def _reached_today(zhang: Client) -> None:
    """So that the regular callback is months away, and nothing is joined with it."""
    Client.objects.filter(pk=zhang.pk).update(last_contact_on=today())


def expire(client: Client, days: int) -> None:
    ends = today() + timedelta(days=days)
    Client.objects.filter(pk=client.pk).update(risk_grade="C3", risk_expires_on=ends)


def planned(client: Client) -> list[Callback]:
    plan_callbacks(clients=[client.pk])
    return list(Callback.objects.filter(client=client, kind="expiry", status="open"))


def test_it_is_planned_a_month_before_on_a_trading_day(zhang: Client) -> None:
    expire(zhang, 45)
    (row,) = planned(zhang)
    day = trading_days.on_or_after(today() + timedelta(days=15))
    assert (row.ideal_on, row.earliest_on) == (today() + timedelta(days=15), day)
    assert row.anchor_on == today() + timedelta(days=45)
    before = row.due_on
    assert plan_callbacks(clients=[zhang.pk]).changed == 0
    assert plan_callbacks(segment=zhang.segment).changed == 0
    row.refresh_from_db()
    assert row.due_on == before


@pytest.mark.parametrize(("days", "count"), [(61, 0), (60, 1), (10, 1), (-20, 1), (-2000, 1)])
def test_what_has_ended_is_asked_about_too_and_what_is_far_is_not(
    zhang: Client, days: int, count: int
) -> None:
    expire(zhang, days)
    found = planned(zhang)
    assert len(found) == count
    if days < 0:
        assert found[0].is_backlog
        assert found[0].due_on >= today()


def test_renewal_cancels_it_and_the_next_end_asks_anew(zhang: Client) -> None:
    expire(zhang, 10)
    (row,) = planned(zhang)
    expire(zhang, 700)
    assert planned(zhang) == []
    row.refresh_from_db()
    assert (row.status, row.cancelled_because) == ("cancelled", "not_due")
    expire(zhang, 20)
    assert [made.pk for made in planned(zhang)] != [row.pk]


def test_an_identity_paper_counts_too(zhang: Client) -> None:
    ends = today() + timedelta(days=20)
    set_identity(client=zhang, identity=IdentityDocument("id_card", CARD, ends))
    (row,) = planned(zhang)
    assert row.occurrence.startswith("paper:")
    set_identity(
        client=zhang, identity=IdentityDocument("id_card", CARD, today() + timedelta(days=3000))
    )
    assert planned(zhang) == []


def test_a_contact_about_something_else_leaves_it_open(zhang: Client, manager: Employee) -> None:
    expire(zhang, 10)
    (row,) = planned(zhang)
    talked = Outcome.objects.get(key="talked")
    log_visit(
        client=zhang,
        employee=manager,
        outcome=talked,
        channel="phone",
        purpose="learn",
        token=uuid4(),
    )
    row.refresh_from_db()
    assert row.status == "open"
    log_visit(
        client=zhang,
        employee=manager,
        callback=row,
        outcome=talked,
        channel="phone",
        purpose="learn",
        token=uuid4(),
    )
    row.refresh_from_db()
    assert row.status == "done"
    assert planned(zhang) == []


def test_a_prospect_needs_no_risk_test(zhou: Client) -> None:
    expire(zhou, 10)
    assert planned(zhou) == []


def test_today_says_why(zhang: Client, manager: Employee, browse: Browse) -> None:
    expire(zhang, 10)
    (row,) = planned(zhang)
    Callback.objects.filter(pk=row.pk).update(due_on=today())
    drawn = browse(manager).get("/today/").context["work"].groups[0].rows
    why = [one["why"] for one in drawn if one["url"] == row.get_absolute_url()]
    assert len(why) == 1
    assert row.anchor_on.isoformat() in why[0]
