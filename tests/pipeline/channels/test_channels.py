"""Channels, a day's work in them, and the leads behind their figures."""

from datetime import timedelta
from decimal import Decimal

import pytest

from clients.merging import services as merging
from clients.models import Client
from crm.trading_days import today
from pipeline.channels.services import Figures
from pipeline.models import Channel, ChannelEntry, Lead
from staff.models import Branch, Employee
from tests.campaigns import campaign
from tests.cast import Browse
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(branch: Branch) -> Channel:
    return Channel.objects.create(name="工行", kind="bank", branch=branch)


def work(row: Channel, /, **values: object) -> dict[str, object]:
    day = today().isoformat()
    first = {"channel": row.pk, "on": day, "visits": "1", "leaflets": "50", "cost": "60"}
    return {**first, **values}


def test_it_is_made_by_a_head_for_the_own_branch(
    head: Employee, manager: Employee, branch: Branch, other_branch: Branch, browse: Browse
) -> None:
    form = {"name": "建行", "kind": "bank", "branch": branch.pk, "is_active": "on"}
    assert browse(manager).post("/channels/new/", form).status_code == 403
    wrong = {**form, "branch": other_branch.pk}
    assert browse(head).post("/channels/new/", wrong).status_code == 422
    assert browse(head).post("/channels/new/", form).status_code == 302
    assert browse(head).post("/channels/new/", form).status_code == 422, "the same name"
    assert Channel.objects.get().branch == branch


def test_it_takes_the_work_of_a_day_from_a_manager(
    channel: Channel, manager: Employee, browse: Browse
) -> None:
    assert browse(manager).post("/channels/work/", work(channel)).status_code == 302
    entry = ChannelEntry.objects.get()
    assert (entry.employee, entry.leaflets, entry.cost) == (manager, 50, Decimal(60))
    url = f"/channels/work/{entry.pk}/"
    assert browse(manager).post(url, work(channel, leaflets="70")).status_code == 302
    entry.refresh_from_db()
    assert entry.leaflets == 70


@pytest.mark.parametrize(
    "wrong",
    [
        {"cost": "-5"},
        {"visits": "-1"},
        {"visits": "0", "leaflets": "0", "cost": "0"},
        {"on": (today() + timedelta(days=1)).isoformat()},
        {"on": "2001-01-01"},
        {"channel": "999999"},
        {"leaflets": "99999999999"},
    ],
)
def test_it_refuses_work_that_cannot_be(
    wrong: dict[str, str], channel: Channel, manager: Employee, browse: Browse
) -> None:
    assert browse(manager).post("/channels/work/", work(channel, **wrong)).status_code == 422
    assert not ChannelEntry.objects.exists()


def test_it_is_corrected_by_whoever_wrote_it_alone(
    channel: Channel,
    manager: Employee,
    head: Employee,
    colleague: Employee,
    compliance: Employee,
    browse: Browse,
) -> None:
    entry = ChannelEntry.objects.create(channel=channel, employee=manager, on=today(), visits=1)
    url = f"/channels/work/{entry.pk}/"
    for person, status in ((head, 403), (colleague, 404), (compliance, 403)):
        assert browse(person).post(url, work(channel)).status_code == status
    entry.refresh_from_db()
    assert entry.leaflets == 0


def test_it_is_closed_when_in_use_and_deleted_when_not(
    channel: Channel, branch: Branch, manager: Employee, head: Employee, browse: Browse
) -> None:
    unused = Channel.objects.create(name="农行", kind="bank", branch=branch)
    ChannelEntry.objects.create(channel=channel, employee=manager, on=today(), visits=1)
    for row in (channel, unused):
        assert browse(manager).post(f"/channels/{row.pk}/close/").status_code == 403
        assert browse(head).get(f"/channels/{row.pk}/close/").status_code == 405
        assert browse(head).post(f"/channels/{row.pk}/close/").status_code == 302
    kept = Channel.objects.get()
    assert kept == channel
    assert not kept.is_active
    assert browse(manager).post("/channels/work/", work(channel)).status_code == 422, "closed"


def test_its_figures_are_those_of_the_lists_behind_them(
    channel: Channel,
    branch: Branch,
    manager: Employee,
    colleague: Employee,
    head: Employee,
    zhou: Client,
    browse: Browse,
) -> None:
    for person, cost in ((manager, 100), (colleague, 200)):
        ChannelEntry.objects.create(
            channel=channel, employee=person, on=today(), visits=2, leaflets=30, cost=cost
        )
    long_ago = today() - timedelta(days=800)
    ChannelEntry.objects.create(channel=channel, employee=manager, on=long_ago, visits=9)
    campaign(branch, head, channel=channel, cost=300)
    campaign(branch, head, channel=channel, cost=999, state="cancelled", cancelled_because="雨")
    won = ClientFactory(manager=manager, opened_on=today())
    for client in (zhou, won):
        Lead.objects.create(
            client=client, channel=channel, via="quick", employee=manager, on=today()
        )
    day = (today() - timedelta(days=2)).isoformat()
    period = {"from": day, "to": (today() + timedelta(days=1)).isoformat()}
    line = browse(head).get("/channels/", period).context["figures"][0]
    assert (line.visits, line.leaflets, line.leads, line.openings) == (4, 60, 2, 1)
    assert (line.cost, line.cost_per_opening, line.conversion.is_enough) == (600, 600, False)
    mine = browse(manager).get("/channels/", period).context["figures"][0]
    assert (mine.visits, mine.cost) == (2, 100), "a manager sees the own work"
    asked = {"channel": str(channel.pk), "opened": "1", **period}
    behind = browse(head).get("/leads/", asked).context["page"].items
    assert [row.client for row in behind] == [won]
    assert len(browse(head).get("/leads/", {"channel": channel.pk}).context["page"].items) == 2
    assert not browse(colleague).get("/leads/").context["page"].items
    entries = browse(head).get(f"/channels/{channel.pk}/", period).context["page"].items
    assert sum(entry.visits for entry in entries) == line.visits


def test_of_two_records_that_were_merged_one_lead_counts(
    channel: Channel, manager: Employee, head: Employee, zhou: Client, browse: Browse
) -> None:
    twin = ClientFactory(manager=manager, prospect=True)
    for client in (zhou, twin):
        Lead.objects.create(
            client=client, channel=channel, via="quick", employee=manager, on=today()
        )
    versions = {zhou.pk: zhou.version, twin.pk: twin.version}
    merging.merge(survivor=zhou, merged=twin, versions=versions, take={}, by=manager)
    line = browse(head).get("/channels/").context["figures"][0]
    behind = browse(head).get("/leads/", {"channel": channel.pk}).context["page"].items
    assert line.leads == len(behind) == 1


def test_it_answers_bad_addresses_with_404(
    channel: Channel, manager: Employee, stranger: Employee, browse: Browse
) -> None:
    for url in (
        "/channels/?from=2026-13-01",
        "/channels/?from=2026-02-01&to=2026-01-01",
        "/channels/?to=9999-12-31",
        f"/channels/{channel.pk}/?from=0001-01-01",
        "/leads/?channel=x",
        "/leads/?campaign=x",
        "/leads/?channel=99999999999",
    ):
        assert browse(manager).get(url).status_code == 404
    assert browse(stranger).get(f"/channels/{channel.pk}/").status_code == 404


def test_few_leads_make_no_share() -> None:
    few = Figures(row=None, leads=19, opened=19, enough=20).conversion
    many = Figures(row=None, leads=20, opened=5, enough=20).conversion
    assert (few.is_enough, many.is_enough, many.percent) == (False, True, 25)
