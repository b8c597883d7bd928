"""Pages of prospects, channels, campaigns and referrals: read by everyone, whole on a phone, Chinese."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clients.models import Client, Consent, Segment
from clients.relations.services import set_referrer
from crm.trading_days import today
from pipeline.capture import public_services, qr_codes
from pipeline.models import Campaign, Channel, ChannelEntry, Lead, Thanks
from staff.models import Branch, Employee
from tests.campaigns import campaign, consent, invited
from tests.e2e.test_client_pages import Sit, looks_right, sit
from tests.factories import ClientFactory, OpportunityFactory

__all__ = ["sit"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def event(
    branch: Branch,
    head: Employee,
    manager: Employee,
    colleague: Employee,
    zhang: Client,
    zhou: Client,
) -> Campaign:
    """An event of today with guests of every answer, of two managers, its channel and its leads."""
    channel = Channel.objects.create(name="工行世纪大道支行", kind="bank", branch=branch)
    ChannelEntry.objects.create(
        channel=channel, employee=manager, on=today(), visits=2, leaflets=80, cost=120, note="大堂"
    )
    row = campaign(
        branch, head, name="养老理财沙龙", channel=channel, capacity=2, place="二楼会议室", cost=800
    )
    invited(row, zhang, manager, reply="yes", checked_in_at=timezone.now())
    for name, reply in (("李娜", "yes"), ("王强", "waiting"), ("赵丽", "no"), ("陈静怡", "")):
        guest = ClientFactory(name=name, manager=colleague)
        consent(guest, colleague)
        invited(row, guest, colleague, reply=reply)
    lead = Lead.objects.create(client=zhou, via="quick", employee=manager, on=today())
    Lead.objects.filter(pk=lead.pk).update(channel=channel, campaign=row)
    set_referrer(client=zhou, referrer=zhang)
    OpportunityFactory(client=zhou)
    brought = ClientFactory(name="孙浩", manager=manager, referred_by=zhang, opened_on=today())
    Thanks.objects.create(
        referrer=zhang, referred=brought, how="call", on=today(), employee=manager
    )
    return row


def visit(page: Page, *addresses: str) -> None:
    for address in addresses:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        looks_right(page, address)


def test_campaigns_and_their_lists(
    event: Campaign, head: Employee, segment: Segment, sit: Sit
) -> None:
    base = event.get_absolute_url()
    visit(sit(head), "/campaigns/", "/campaigns/new/", base, f"{base}edit/", f"{base}opened/")
    visit(sit(head), f"{base}invite/", f"{base}invite/?segment={segment.pk}", f"{base}cancel/")


def test_the_door_of_an_event(event: Campaign, manager: Employee, sit: Sit) -> None:
    page, door = sit(manager), f"{event.get_absolute_url()}check-in/"
    visit(page, door, f"{door}?q=nobody", f"/campaigns/walk-in/?campaign={event.public_id}")
    page.goto(door)
    # A colleague's guest, by name alone.
    row = page.locator(".crm-row", has_text="李娜")
    expect(row.locator("a")).to_have_count(0)
    row.get_by_role("button").click()
    expect(page.locator(".crm-row", has_text="李娜")).to_contain_text("已到")
    page.locator(".crm-row", has_text="李娜").get_by_role("button").click()
    expect(page.locator(".crm-row", has_text="李娜")).not_to_contain_text("已到")
    looks_right(page, "undone")


def test_channels_and_referrals(event: Campaign, zhou: Client, head: Employee, sit: Sit) -> None:
    channel = Channel.objects.get()
    visit(sit(head), "/channels/", "/channels/new/", "/channels/work/", f"/channels/{channel.pk}/")
    visit(sit(head), f"/channels/{channel.pk}/edit/", "/leads/", "/referrals/?state=open")
    base = zhou.get_absolute_url()
    visit(sit(head), "/referrals/", f"{base}thanks/", f"{base}origin/", f"{base}invite/")


def test_prospects(event: Campaign, zhou: Client, manager: Employee, sit: Sit) -> None:
    visit(
        sit(manager), "/prospects/new/", "/prospects/expiring/", f"{zhou.get_absolute_url()}origin/"
    )


def test_a_prospect_with_consent_takes_nine_touches_on_one_page(
    event: Campaign, manager: Employee, sit: Sit
) -> None:
    """D-08 asks for 20 seconds on a phone: nothing to look up, nowhere to go."""
    page = sit(manager)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/prospects/new/", wait_until="networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    touches: list[Callable[[], object]] = [
        lambda: page.fill("#id_name", "曾丽"),
        lambda: page.fill("#id_phone", "13812341234"),
        lambda: page.select_option("#id_source", "walk_in"),
        lambda: page.click("summary >> text=更多"),
        lambda: page.click("label[for=type-advisory]"),
        lambda: page.click("summary >> text=授权同意"),
        lambda: page.check("input[name=agreed][value=phone]"),
        lambda: page.fill("#id_proof", "签字表"),
    ]
    for touch in touches:
        touch()
    assert asked == [], "nothing has to be waited for"
    page.click("form .crm-form-end button[type=submit]")
    page.wait_for_url("**/prospects/new/?done=*")
    assert len(touches) + 1 <= 9
    client = Client.objects.get(name="曾丽")
    assert (client.source, client.prospect_type) == ("walk_in", "advisory")
    assert Consent.objects.get(client=client).channel == "phone"
    looks_right(page, "done")
    # The same number once more: it asks first.
    page.goto("/prospects/new/")
    page.fill("#id_name", "曾莉")
    page.fill("#id_phone", "13812341234")
    page.click("form .crm-form-end button[type=submit]")
    expect(page.locator("[role=alert]")).to_contain_text("曾丽")
    looks_right(page, "double")


def test_the_public_form_and_its_answers(
    event: Campaign, manager: Employee, browser_page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_services, "FASTEST", 0)
    link = qr_codes.make(employee=manager, valid_until=today() + timedelta(days=1))
    page = browser_page
    visit(page, link.path, "/p/nothing/")
    page.goto(link.path)
    page.click("main button[type=submit].btn-primary")
    looks_right(page, "mistakes")
    page.fill("input[name=name]", "曾丽")
    page.fill("input[name=phone]", "13812341234")
    page.check("input[name=agree]")
    page.click("main button[type=submit].btn-primary")
    expect(page.locator("h1")).to_have_text("感谢您")
    looks_right(page, "thanks")
