"""Where a client came from is entered afterwards or put right, and what it was is kept."""

from datetime import timedelta

import pytest

from clients.models import Client
from crm.trading_days import today
from pipeline.models import Campaign, Channel, Lead
from staff.models import Branch, Employee
from tests.campaigns import campaign
from tests.cast import Browse

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(branch: Branch) -> Channel:
    return Channel.objects.create(name="工行世纪大道", kind="bank", branch=branch)


@pytest.fixture
def event(branch: Branch, head: Employee, channel: Channel) -> Campaign:
    return campaign(branch, head, channel=channel)


def page_of(client: Client) -> str:
    return f"{client.get_absolute_url()}origin/"


def test_a_client_without_an_origin_gets_one(
    zhou: Client,
    event: Campaign,
    channel: Channel,
    manager: Employee,
    head: Employee,
    browse: Browse,
) -> None:
    panel = f"{zhou.get_absolute_url()}panels/pipeline.invitations/"
    assert page_of(zhou) in browse(manager).get(panel).content.decode()
    assert browse(head).post(page_of(zhou), {"campaign": event.pk})["Location"] == (
        zhou.get_absolute_url()
    )
    lead = Lead.objects.get()
    assert (lead.client, lead.campaign, lead.channel) == (zhou, event, channel)
    # It counts when the prospect was recorded, for whoever serves them.
    assert (lead.via, lead.on, lead.employee) == ("later", zhou.recorded_on, manager)
    assert "报告会" in browse(manager).get(panel).content.decode()


def test_a_wrong_channel_is_put_right_and_the_page_says_what_it_was_and_by_whom(
    zhou: Client,
    channel: Channel,
    branch: Branch,
    manager: Employee,
    head: Employee,
    browse: Browse,
) -> None:
    wrong = Channel.objects.create(name="建行陆家嘴", kind="bank", branch=branch)
    day = today() - timedelta(days=3)
    Lead.objects.create(client=zhou, channel=wrong, via="quick", employee=manager, on=day)
    browse(head).post(page_of(zhou), {"channel": channel.pk})
    lead = Lead.objects.get()
    assert (lead.channel, lead.via, lead.on, lead.employee) == (channel, "quick", day, manager)
    answer = browse(manager).get(page_of(zhou))
    former = answer.context["former"]
    assert [(row["channel"], row["by"]) for row in former] == [(wrong, head.full_name)]
    assert "建行陆家嘴" in answer.content.decode()
    behind = browse(head).get("/leads/", {"channel": channel.pk}).context["page"].items
    assert [row.client for row in behind] == [zhou]


def test_what_is_on_record_stays_a_choice(
    zhou: Client, channel: Channel, other_branch: Branch, manager: Employee, browse: Browse
) -> None:
    theirs = Channel.objects.create(name="闵行建行", kind="bank", branch=other_branch)
    closed = Channel.objects.create(name="旧渠道", kind="bank", is_active=False)
    lead = Lead.objects.create(
        client=zhou, channel=theirs, via="quick", employee=manager, on=today()
    )
    assert browse(manager).post(page_of(zhou), {"channel": theirs.pk}).status_code == 302
    assert browse(manager).post(page_of(zhou), {"channel": closed.pk}).status_code == 422
    browse(manager).post(page_of(zhou), {"channel": channel.pk})
    lead.refresh_from_db()
    assert lead.channel == channel
    assert browse(manager).post(page_of(zhou), {"channel": theirs.pk}).status_code == 422


def test_one_that_came_with_a_merged_record_is_put_right_and_not_doubled(
    zhou: Client, zhang: Client, channel: Channel, manager: Employee, browse: Browse
) -> None:
    Client.objects.filter(pk=zhou.pk).update(merged_into=zhang)
    Lead.objects.create(client=zhou, via="quick", employee=manager, on=today())
    browse(manager).post(page_of(zhang), {"channel": channel.pk})
    assert Lead.objects.get().channel == channel


@pytest.mark.parametrize("typed", [{}, {"channel": "x"}, {"channel": "0"}, {"campaign": "9" * 20}])
def test_bad_input_gets_a_sentence_and_writes_nothing(
    typed: dict[str, str], zhou: Client, event: Campaign, manager: Employee, browse: Browse
) -> None:
    answer = browse(manager).post(page_of(zhou), typed)
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not Lead.objects.exists()


def test_outsiders_readers_and_wrong_methods(
    zhou: Client,
    channel: Channel,
    colleague: Employee,
    compliance: Employee,
    manager: Employee,
    browse: Browse,
) -> None:
    data = {"channel": channel.pk}
    assert browse(colleague).post(page_of(zhou), data).status_code == 404
    assert browse(compliance).post(page_of(zhou), data).status_code == 403
    assert browse(manager).put(page_of(zhou)).status_code == 405
    assert browse(manager).get(page_of(zhou)).status_code == 200
    assert not Lead.objects.exists()


def test_where_there_is_nothing_to_choose_the_page_says_so(
    zhou: Client, manager: Employee, browse: Browse
) -> None:
    answer = browse(manager).get(page_of(zhou))
    assert 'href="/channels/"' in answer.content.decode()
    assert browse(manager).post(page_of(zhou)).status_code == 422
