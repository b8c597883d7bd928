"""Campaigns: list, places, check-in, follow-ups and the end."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from clients.file.services import refresh_search
from clients.models import Client, Consent, Segment
from crm.models import SavedView
from crm.trading_days import today
from pipeline.campaigns import services as campaigns
from pipeline.campaigns.audience import refusal
from pipeline.models import Campaign, Channel, Invitation, Lead
from staff.models import Branch, Employee, Notification
from tests.campaigns import campaign, consent, invited
from tests.cast import Browse
from tests.factories import ClientFactory
from visits.models import Callback, Occasion, Trigger

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(branch: Branch, head: Employee) -> Campaign:
    return campaign(branch, head)


def typed(**values: object) -> dict[str, object]:
    return {
        "name": "沙龙",
        "kind": "event",
        "starts_at": "2026-06-10T14:00",
        "ends_at": "2026-06-10T16:00",
        "cost": "800",
        "capacity": "20",
        "version": "1",
        **values,
    }


def test_it_is_planned_by_a_head_of_the_branch(
    head: Employee, branch: Branch, browse: Browse
) -> None:
    answer = browse(head).post("/campaigns/new/", typed(branch=branch.pk))
    made = Campaign.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == made.get_absolute_url()
    assert (made.branch, made.capacity, made.created_by) == (branch, 20, head)


def test_it_is_not_planned_by_a_manager_nor_for_another_branch(
    manager: Employee, head: Employee, other_branch: Branch, browse: Browse
) -> None:
    assert browse(manager).post("/campaigns/new/", typed()).status_code == 403
    answer = browse(head).post("/campaigns/new/", typed(branch=other_branch.pk))
    assert answer.status_code == 422
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_at": "0001-01-01T00:00"},
        {"ends_at": "9999-12-31T23:59"},
        {"ends_at": "2026-06-10T13:00"},
        {"cost": "-1"},
        {"capacity": "0"},
        {"name": ""},
    ],
)
def test_it_refuses_what_cannot_be(
    wrong: dict[str, str], head: Employee, branch: Branch, browse: Browse
) -> None:
    answer = browse(head).post("/campaigns/new/", typed(branch=branch.pk, **wrong))
    assert answer.status_code == 422
    assert not Campaign.objects.exists()


def test_it_tells_who_saves_an_old_version(
    event: Campaign, head: Employee, branch: Branch, browse: Browse
) -> None:
    url = f"{event.get_absolute_url()}edit/"
    assert browse(head).post(url, typed(branch=branch.pk)).status_code == 302
    assert browse(head).post(url, typed(branch=branch.pk, name="旧")).status_code == 422
    event.refresh_from_db()
    assert event.name == "沙龙"


def test_it_invites_a_segment_and_leaves_out_who_does_not_agree(
    event: Campaign,
    head: Employee,
    manager: Employee,
    zhang: Client,
    segment: Segment,
    browse: Browse,
) -> None:
    silent, closed, refuses, withdrew = (
        ClientFactory(manager=manager, segment=segment, name=name, **more)
        for name, more in (
            ("沉默", {}),
            ("销户", {"lifecycle": "closed"}),
            ("拒电", {"calls_refused": True}),
            ("撤回", {}),
        )
    )
    for client in (zhang, closed, refuses, withdrew):
        consent(client, manager)
    Consent.objects.filter(client=withdrew).update(withdrawn_on=today(), withdrawn_how="电话")
    url = f"{event.get_absolute_url()}invite/"
    page = browse(head).get(url, {"segment": segment.pk})
    found = page.context["preview"]
    assert (found.total, found.added, found.refuse_calls) == (5, 1, 1)
    assert (found.withdrew, found.unasked, found.closed) == (1, 1, 1)
    assert {row.name for row in found.left_out} == {"沉默", "拒电", "撤回"}
    assert not Invitation.objects.exists(), "a preview writes nothing"
    assert browse(head).post(url, {"segment": segment.pk}).status_code == 302
    assert list(Invitation.objects.values_list("client", flat=True)) == [zhang.pk]
    browse(head).post(url, {"segment": segment.pk})
    assert Invitation.objects.count() == 1, "twice is once"
    assert silent.pk


@pytest.mark.parametrize("query", ["q=查无此人", "segment=999999"])
def test_a_saved_view_that_finds_nobody_says_so(
    event: Campaign, head: Employee, zhang: Client, browse: Browse, query: str
) -> None:
    view = SavedView.objects.create(owner=head, page="clients", name="空", query=query)
    url = f"{event.get_absolute_url()}invite/"
    assert browse(head).get(url, {"view": view.pk}).context["preview"].total == 0
    answer = browse(head).post(url, {"view": view.pk}, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]
    assert not Invitation.objects.exists()


def test_the_cost_stands_beside_all_that_it_brought_alone(
    branch: Branch, head: Employee, manager: Employee, administrator: Employee, browse: Browse
) -> None:
    own, firm = (
        campaign(of, head, name=name, cost=600) for of, name in ((branch, "本部"), (None, "全司"))
    )
    for row in (own, firm):
        won = ClientFactory(manager=manager, opened_on=today())
        Lead.objects.create(client=won, campaign=row, via="quick", employee=manager, on=today())

    def costs(viewer: Employee) -> dict[str, tuple[object, object]]:
        lines = [line["figures"] for line in browse(viewer).get("/campaigns/").context["rows"]]
        return {line.row.name: (line.cost, line.cost_per_opening) for line in lines}

    assert costs(administrator) == {"本部": (600, 600), "全司": (600, 600)}
    assert costs(head) == {"本部": (600, 600), "全司": (None, None)}
    assert costs(manager) == {"本部": (None, None), "全司": (None, None)}
    assert "¥600" not in browse(manager).get(firm.get_absolute_url()).content.decode()


def test_it_invites_by_a_saved_view(
    event: Campaign, head: Employee, manager: Employee, zhang: Client, zhou: Client, browse: Browse
) -> None:
    consent(zhang, manager)
    consent(zhou, manager)
    view = SavedView.objects.create(
        owner=head, page="clients", name="潜在", query="lifecycle=prospect"
    )
    browse(head).post(f"{event.get_absolute_url()}invite/", {"view": view.pk})
    assert list(Invitation.objects.values_list("client", flat=True)) == [zhou.pk]


def test_it_wants_a_choice_and_a_view_of_ones_own(
    event: Campaign, head: Employee, stranger: Employee, manager: Employee, browse: Browse
) -> None:
    view = SavedView.objects.create(owner=stranger, page="clients", name="别人", query="")
    url = f"{event.get_absolute_url()}invite/"
    assert browse(head).post(url, {}).status_code == 422
    assert browse(head).post(url, {"view": view.pk}).status_code == 422
    assert browse(manager).post(url, {"view": view.pk}).status_code == 403
    assert browse(stranger).post(url, {}).status_code == 404


def test_it_invites_one_client_of_a_manager_who_agrees(
    event: Campaign, manager: Employee, zhang: Client, browse: Browse
) -> None:
    url = f"{zhang.get_absolute_url()}invite/"
    asked = {"campaign": event.public_id}
    assert browse(manager).post(url, asked).status_code == 422, "no consent"
    consent(zhang, manager)
    assert browse(manager).post(url, asked).status_code == 302
    assert Invitation.objects.get().invited_by == manager


def test_it_gives_the_last_place_once_and_the_next_in_line_follows(
    branch: Branch, head: Employee, manager: Employee, browse: Browse
) -> None:
    event = campaign(branch, head, capacity=1)
    rows = [invited(event, ClientFactory(manager=manager), manager) for _ in range(3)]
    for row in rows:
        browse(manager).post(f"/invitations/{row.pk}/reply/", {"reply": "yes"})
    assert [r.reply for r in Invitation.objects.order_by("pk")] == ["yes", "waiting", "waiting"]
    browse(manager).post(f"/invitations/{rows[0].pk}/reply/", {"reply": "no"})
    assert [r.reply for r in Invitation.objects.order_by("pk")] == ["no", "yes", "waiting"]
    browse(manager).post(f"/invitations/{rows[1].pk}/remove/")
    assert Invitation.objects.get(pk=rows[2].pk).reply == "yes"
    assert not Invitation.objects.filter(pk=rows[1].pk).exists()


def test_it_fills_new_places_from_the_waiting_list(
    branch: Branch, head: Employee, manager: Employee
) -> None:
    event = campaign(branch, head, capacity=1)
    for _place in range(2):
        row = invited(event, ClientFactory(manager=manager), manager)
        campaigns.reply(invitation=row, answer="yes")
    event.capacity = 2
    campaigns.save_campaign(campaign=event, version=1)
    assert set(Invitation.objects.values_list("reply", flat=True)) == {"yes"}


def test_it_refuses_a_reply_that_is_none(
    event: Campaign,
    manager: Employee,
    colleague: Employee,
    zhang: Client,
    compliance: Employee,
    browse: Browse,
) -> None:
    url = f"/invitations/{invited(event, zhang, manager).pk}/reply/"
    assert browse(manager).post(url, {"reply": "maybe"}).status_code == 422
    assert browse(manager).post(url, {"reply": "waiting"}).status_code == 422
    assert browse(manager).get(url).status_code == 405
    assert browse(colleague).post(url, {"reply": "yes"}).status_code == 404
    assert browse(compliance).post(url, {"reply": "yes"}).status_code == 403
    assert Invitation.objects.get().reply == ""


def test_it_checks_in_with_one_tap_and_once(
    event: Campaign, manager: Employee, zhang: Client, browse: Browse
) -> None:
    refresh_search(client=zhang)
    page = browse(manager).get(f"{event.get_absolute_url()}check-in/", {"q": "张伟"})
    assert zhang.get_absolute_url() + "check-in/" in page.content.decode()
    url = f"{zhang.get_absolute_url()}check-in/"
    assert browse(manager).post(url, {"campaign": event.public_id}).status_code == 302
    first = Invitation.objects.get().checked_in_at
    assert first is not None
    browse(manager).post(url, {"campaign": event.public_id})
    assert Invitation.objects.get().checked_in_at == first
    assert browse(manager).post(url, {}).status_code == 422
    assert browse(manager).post(url, {"campaign": "x"}).status_code == 404


def test_it_opens_check_in_on_the_day(
    branch: Branch, head: Employee, zhang: Client, manager: Employee, browse: Browse
) -> None:
    later = campaign(branch, head, starts_at=timezone.now() + timedelta(days=2))
    url = f"{zhang.get_absolute_url()}check-in/"
    answer = browse(manager).post(url, {"campaign": later.public_id})
    assert answer.status_code == 422
    assert not Invitation.objects.exists()


def test_it_records_a_guest_who_agrees_as_a_prospect_once(
    event: Campaign, branch: Branch, manager: Employee, browse: Browse
) -> None:
    channel = Channel.objects.create(name="社区", kind="community", branch=branch)
    Campaign.objects.filter(pk=event.pk).update(channel=channel)
    url = f"/campaigns/walk-in/?campaign={event.public_id}"
    form = {"campaign": event.public_id, "token": uuid.uuid4(), "name": "郑丽"}
    form["phone"] = "13912345678"
    assert browse(manager).post(url, form).status_code == 422, "no agreement"
    assert not Lead.objects.exists()
    for _twice in range(2):
        assert browse(manager).post(url, {**form, "agrees": "on"}).status_code == 302
    lead = Lead.objects.get()
    assert (lead.via, lead.campaign, lead.channel) == ("check_in", event, channel)
    assert (lead.client.lifecycle, lead.client.manager) == ("prospect", manager)
    assert lead.client.consents.filter(purpose="marketing", withdrawn_on=None).exists()
    assert Invitation.objects.get().checked_in_at is not None
    again = {**form, "agrees": "on", "token": uuid.uuid4()}
    browse(manager).post(url, again)
    assert Lead.objects.count() == 1, "known by the number"
    answer = browse(manager).post(url, {**again, "phone": "12", "token": uuid.uuid4()})
    assert answer.status_code == 422


def test_it_is_not_held_without_a_list(event: Campaign, head: Employee, browse: Browse) -> None:
    answer = browse(head).post(f"{event.get_absolute_url()}hold/")
    assert answer.status_code == 422
    assert "邀请名单为空" in answer.content.decode()
    event.refresh_from_db()
    assert event.state == "planned"


def test_it_plans_one_call_for_each_who_came(
    event: Campaign, head: Employee, manager: Employee, zhang: Client, zhou: Client, browse: Browse
) -> None:
    campaigns.check_in(campaign=event, client=zhang, by=manager)
    invited(event, zhou, manager, reply="yes")
    url = f"{event.get_absolute_url()}hold/"
    assert browse(head).post(url).status_code == 302
    assert Occasion.objects.get().client == zhang
    assert Callback.objects.filter(client=zhang, kind="event").count() == 1
    assert browse(head).post(url).status_code == 422, "once"
    assert Occasion.objects.count() == 1
    with pytest.raises(ValidationError):
        campaigns.check_in(campaign=event, client=zhou, by=manager)


def test_it_says_how_many_calls_there_are_and_not_how_many_came(
    branch: Branch, head: Employee, manager: Employee, zhang: Client, zhou: Client
) -> None:
    for active, calls in ((True, 2), (False, 0)):
        Trigger.objects.filter(cause="event").update(is_active=active)
        event = campaign(branch, head)
        for client in (zhang, zhou):
            campaigns.check_in(campaign=event, client=client, by=manager)
        assert campaigns.hold(campaign=event, by=head) == calls


@pytest.mark.parametrize("act", ["reply", "remove"])
def test_it_says_when_a_colleague_took_the_client_off_meanwhile(
    act: str,
    event: Campaign,
    manager: Employee,
    zhang: Client,
    browse: Browse,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = invited(event, zhang, manager)
    locked = campaigns.lock

    def slow(campaign: Campaign) -> Campaign:
        Invitation.objects.filter(pk=row.pk).delete()
        return locked(campaign)

    monkeypatch.setattr(campaigns, "lock", slow)
    answer = browse(manager).post(f"/invitations/{row.pk}/{act}/", {"reply": "yes"})
    assert answer.status_code == 422
    assert "已不在名单" in answer.content.decode()


def test_it_is_not_held_before_its_day(
    branch: Branch, head: Employee, manager: Employee, zhang: Client
) -> None:
    later = campaign(branch, head, starts_at=timezone.now() + timedelta(days=2))
    invited(later, zhang, manager)
    with pytest.raises(ValidationError):
        campaigns.hold(campaign=later, by=head)


def test_it_tells_managers_of_the_invited_when_it_is_cancelled(
    event: Campaign,
    head: Employee,
    manager: Employee,
    colleague: Employee,
    zhang: Client,
    browse: Browse,
) -> None:
    invited(event, zhang, manager)
    url = f"{event.get_absolute_url()}cancel/"
    assert browse(head).post(url, {"reason": " "}).status_code == 422
    assert browse(manager).post(url, {"reason": "x"}).status_code == 403
    assert browse(head).post(url, {"reason": "讲师生病"}).status_code == 302
    event.refresh_from_db()
    assert (event.state, event.cancelled_because) == ("cancelled", "讲师生病")
    told = Notification.objects.get()
    assert told.employee == manager
    assert "讲师生病" in told.title
    # Worded for whoever reads it, not for whoever cancelled.
    with translation.override("en"):
        assert told.title == "Cancelled: 报告会 (讲师生病). Tell the clients you invited."
    assert browse(head).post(url, {"reason": "再次"}).status_code == 422


def test_it_shows_a_manager_only_their_own_guests(
    event: Campaign,
    manager: Employee,
    colleague: Employee,
    head: Employee,
    zhang: Client,
    browse: Browse,
) -> None:
    invited(event, zhang, manager)
    assert "张伟" in browse(manager).get(event.get_absolute_url()).content.decode()
    assert "张伟" not in browse(colleague).get(event.get_absolute_url()).content.decode()
    assert browse(head).get(event.get_absolute_url()).context["tally"]["all"] == 1


def test_it_calls_nobody_absent_before_it_begins(
    event: Campaign, manager: Employee, head: Employee, zhang: Client, browse: Browse
) -> None:
    invited(event, zhang, manager, reply="yes")
    url, address = event.get_absolute_url(), f"{event.get_absolute_url()}?shown=absent"
    rows = Campaign.objects.filter(pk=event.pk)
    for values, absent in (
        ({"starts_at": timezone.now() + timedelta(hours=1)}, 0),
        ({"starts_at": timezone.now() - timedelta(hours=1)}, 1),
        ({"state": "cancelled", "cancelled_because": "讲师生病"}, 0),
    ):
        rows.update(ends_at=timezone.now() + timedelta(hours=2), **values)
        answer = browse(head).get(url)
        assert answer.context["tally"]["absent"] == absent
        assert ("shown=absent" in answer.content.decode()) is bool(absent)
        assert len(browse(head).get(address).context["page"].items) == absent


def test_its_openings_are_those_of_the_list_behind_them(
    event: Campaign, head: Employee, manager: Employee, zhou: Client, browse: Browse
) -> None:
    Campaign.objects.filter(pk=event.pk).update(cost=500)
    came = ClientFactory(manager=manager, opened_on=today())
    old = ClientFactory(manager=manager)
    for client in (came, old):
        invited(event, client, manager, checked_in_at=timezone.now())
    Lead.objects.create(client=zhou, campaign=event, via="check_in", employee=manager, on=today())
    figures = browse(head).get("/campaigns/").context["rows"][0]["figures"]
    assert (figures.leads, figures.openings, figures.cost_per_opening) == (1, 1, 500)
    behind = browse(head).get(f"{event.get_absolute_url()}opened/").context["page"].items
    assert behind == [came]
    leads = browse(head).get("/leads/", {"campaign": str(event.public_id)}).context["page"].items
    assert [row.client for row in leads] == [zhou]


def test_a_consent_of_a_merged_record_counts(
    event: Campaign,
    head: Employee,
    manager: Employee,
    zhang: Client,
    zhou: Client,
    segment: Segment,
    browse: Browse,
) -> None:
    for agrees, old in ((zhang, ClientFactory()), (zhou, ClientFactory())):
        consent(old, manager)
        Client.objects.filter(pk=old.pk).update(merged_into=agrees)
    url = f"{event.get_absolute_url()}invite/"
    found = browse(head).get(url, {"segment": segment.pk}).context["preview"]
    assert (found.total, found.added, found.unasked) == (1, 1, 0)
    assert refusal(zhang) == ""
    Consent.objects.update(withdrawn_on=today(), withdrawn_how="电话")
    found = browse(head).get(url, {"segment": segment.pk}).context["preview"]
    assert (found.added, found.withdrew) == (0, 1)
    assert refusal(zhang) != ""
