"""Who brought whom, thanks, and the outcome that leads to the next step."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from clients.merging import services as merging
from clients.models import Client
from crm.trading_days import add, today
from pipeline.models import Thanks
from staff.models import Employee
from tests.cast import Browse
from tests.factories import ClientFactory, OpportunityFactory
from visits.contacts.services import log_visit
from visits.models import Callback, Outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def brought(zhou: Client, zhang: Client) -> Client:
    """Zhou, whom Zhang brought."""
    Client.objects.filter(pk=zhou.pk).update(referred_by=zhang)
    zhou.refresh_from_db()
    return zhou


def thanks(**values: str) -> dict[str, str]:
    return {"how": "call", "on": today().isoformat(), **values}


def test_it_lists_what_came_of_it(
    brought: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    chance = OpportunityFactory(client=brought)
    for person in (manager, head):
        line = browse(person).get("/referrals/").context["listed"][0]
        assert (line["row"], line["chance"]) == (brought, chance)
    assert not browse(colleague).get("/referrals/").context["listed"]


def test_its_figures_are_those_of_the_list_as_it_is_narrowed(
    brought: Client,
    zhang: Client,
    colleague: Employee,
    manager: Employee,
    head: Employee,
    browse: Browse,
) -> None:
    ClientFactory(manager=colleague, referred_by=zhang, opened_on=today())
    for chosen, count in (("", 2), (str(manager.pk), 1), (str(colleague.pk), 1)):
        page = browse(head).get("/referrals/", {"manager": chosen})
        assert page.context["counts"]["all"] == len(page.context["listed"]) == count
    assert page.context["counts"] == {"all": 1, "open": 1, "opened": 1}
    # The figures lead to lists that are narrowed likewise.
    assert f"?manager={colleague.pk}&amp;state=opened" in page.content.decode()
    page = browse(head).get("/referrals/", {"manager": str(manager.pk), "state": "opened"})
    assert page.context["counts"]["opened"] == len(page.context["listed"]) == 0


def test_it_does_not_name_a_referrer_of_somebody_else(
    brought: Client, colleague: Employee, manager: Employee, browse: Browse
) -> None:
    other = ClientFactory(manager=colleague, name="别人的客户")
    Client.objects.filter(pk=brought.pk).update(referred_by=other)
    assert "别人的客户" not in browse(manager).get("/referrals/").content.decode()


def test_it_keeps_thanks(brought: Client, zhang: Client, manager: Employee, browse: Browse) -> None:
    url = f"{brought.get_absolute_url()}thanks/"
    assert browse(manager).get("/referrals/").context["counts"]["open"] == 1
    assert browse(manager).post(url, thanks(note="茶叶")).status_code == 302
    row = Thanks.objects.get()
    assert (row.referrer, row.referred, row.employee) == (zhang, brought, manager)
    page = browse(manager).get("/referrals/")
    assert page.context["counts"]["open"] == 0
    assert page.context["listed"][0]["row"].thanked_on == today()
    assert not browse(manager).get("/referrals/", {"state": "open"}).context["listed"]
    assert browse(manager).post(url, thanks()).status_code == 422, "twice"


def test_it_refuses_wrong_thanks_and_wrong_people(
    brought: Client,
    zhang: Client,
    manager: Employee,
    colleague: Employee,
    compliance: Employee,
    browse: Browse,
) -> None:
    url = f"{brought.get_absolute_url()}thanks/"
    tomorrow = (today() + timedelta(days=1)).isoformat()
    assert browse(manager).post(url, thanks(on=tomorrow)).status_code == 422
    assert browse(manager).post(url, thanks(how="bribe")).status_code == 422
    nobody = f"{zhang.get_absolute_url()}thanks/"
    assert browse(manager).post(nobody, thanks()).status_code == 422
    assert browse(colleague).post(url, thanks()).status_code == 404
    assert browse(compliance).post(url, thanks()).status_code == 403
    assert not Thanks.objects.exists()


def test_it_is_append_only(brought: Client, zhang: Client, manager: Employee) -> None:
    row = Thanks.objects.create(
        referrer=zhang, referred=brought, how="call", on=today(), employee=manager
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        Thanks.objects.filter(pk=row.pk).update(note="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        Thanks.objects.filter(pk=row.pk).delete()


def test_it_stands_in_the_client_file_until_thanked(
    brought: Client, zhang: Client, manager: Employee, browse: Browse
) -> None:
    panel = f"{zhang.get_absolute_url()}panels/pipeline.invitations/"
    link = f"{brought.get_absolute_url()}thanks/"
    assert link in browse(manager).get(panel).content.decode()
    browse(manager).post(link, thanks())
    assert link not in browse(manager).get(panel).content.decode()


def test_asking_creates_its_next_step(zhang: Client, manager: Employee) -> None:
    outcome = Outcome.objects.get(key="asked_referral")
    log_visit(client=zhang, employee=manager, token=uuid.uuid4(), outcome=outcome)
    promised = Callback.objects.get(client=zhang, kind="promise")
    assert promised.due_on == add(today(), outcome.next_step_days or 0)
    assert promised.employee == manager


@pytest.mark.parametrize("side", ["referrer", "referred"])
def test_thanks_are_those_of_a_merged_record_too(
    brought: Client, zhang: Client, manager: Employee, browse: Browse, side: str
) -> None:
    link = f"{brought.get_absolute_url()}thanks/"
    browse(manager).post(link, thanks())
    old = zhang if side == "referrer" else brought
    survivor = ClientFactory(manager=manager, prospect=side == "referred")
    seen = {survivor.pk: survivor.version, old.pk: old.version}
    merging.merge(survivor=survivor, merged=old, versions=seen, take={}, by=manager)
    page = browse(manager).get("/referrals/")
    line = page.context["listed"][0]
    referred = brought if side == "referrer" else survivor
    assert (line["row"], line["row"].thanked_on) == (referred, today())
    assert line["how"]
    assert line["row"].sees_referrer
    assert page.context["counts"] == {"all": 1, "open": 0, "opened": 0}
    assert len(browse(manager).get("/referrals/", {"state": "thanked"}).context["listed"]) == 1
    panel = f"{survivor.get_absolute_url()}panels/pipeline.invitations/"
    again = f"{referred.get_absolute_url()}thanks/"
    assert again not in browse(manager).get(panel).content.decode()
    assert browse(manager).post(again, thanks()).status_code == 422, "twice"


def test_who_was_brought_by_a_merged_record_is_still_to_be_thanked_for(
    brought: Client, zhang: Client, manager: Employee, browse: Browse
) -> None:
    survivor = ClientFactory(manager=manager, name="老客户")
    seen = {survivor.pk: survivor.version, zhang.pk: zhang.version}
    merging.merge(survivor=survivor, merged=zhang, versions=seen, take={}, by=manager)
    assert "老客户" in browse(manager).get("/referrals/").content.decode()
    panel = f"{survivor.get_absolute_url()}panels/pipeline.invitations/"
    assert f"{brought.get_absolute_url()}thanks/" in browse(manager).get(panel).content.decode()
