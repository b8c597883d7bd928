"""Quick capture: one transaction, one prospect, the first call one tap away."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.file.services import set_phones
from clients.models import Client, Consent, Phone
from crm.trading_days import add, today
from pipeline.capture import services as capture
from pipeline.capture.prospect_types import GUIDES
from pipeline.models import Campaign, Channel, Lead, Opportunity, StageMove
from staff.models import Branch, Employee
from tests.cast import Browse
from tests.factories import ClientFactory
from visits.models import Callback

pytestmark = pytest.mark.django_db

NEW = "/prospects/new/"
TYPED = "138 1234 1234"
NUMBER = "+8613812341234"


def filled(**typed: Any) -> dict[str, Any]:
    """What a browser sends for a form with name and phone."""
    return {"token": str(uuid4()), "name": "曾丽", "phone": TYPED, "prospect_type": "", **typed}


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


class TestTakingDown:
    def test_name_and_phone_make_a_prospect_with_all_that_belongs_to_it(
        self, browse: Browse, manager: Employee
    ) -> None:
        answer = browse(manager).post(NEW, filled(prospect_type="advisory", source="direct"))
        client = Client.objects.get()
        assert answer["Location"] == f"{NEW}?done={client.public_id}"
        assert (client.name, client.lifecycle, client.manager) == ("曾丽", "prospect", manager)
        assert (client.source, client.prospect_type) == ("direct", "advisory")
        assert client.segment.key == "prospect"
        assert Phone.objects.get().number == NUMBER
        lead = Lead.objects.get()
        assert (lead.client, lead.via, lead.employee, lead.on) == (
            client,
            "quick",
            manager,
            today(),
        )
        opportunity = Opportunity.objects.get()
        call = Callback.objects.get(client=client, kind="manual", status="open")
        assert (opportunity.stage.key, opportunity.kind) == ("new", "account_opening")
        assert call.due_on == opportunity.next_step_on == add(today(), 1)
        assert call.employee == manager
        assert opportunity.next_step
        assert StageMove.objects.get().employee == manager

    def test_the_call_is_one_tap_away(self, browse: Browse, manager: Employee) -> None:
        browser = browse(manager)
        answer = browser.post(NEW, filled(), follow=True)
        call = Callback.objects.get(kind="manual")
        assert f'href="{call.get_absolute_url()}"' in text_of(answer)
        assert browser.get(call.get_absolute_url()).status_code == 200

    def test_a_form_sent_twice_is_one_prospect(self, browse: Browse, manager: Employee) -> None:
        data = filled()
        browser = browse(manager)
        assert browser.post(NEW, data)["Location"] == browser.post(NEW, data)["Location"]
        counts = [table._default_manager.count() for table in (Client, Lead, Opportunity)]
        assert counts == [1, 1, 1]
        assert Callback.objects.filter(kind="manual").count() == 1

    def test_a_token_of_somebody_elses_client_opens_nothing(
        self, browse: Browse, stranger: Employee, zhang: Client
    ) -> None:
        answer = browse(stranger).post(NEW, filled(token=str(zhang.public_id)))
        assert answer.status_code == 422
        assert Client.objects.count() == 1
        assert zhang.name not in text_of(answer)

    def test_it_is_all_or_nothing(self, manager: Employee, monkeypatch: Any) -> None:
        def fail(**_values: Any) -> None:
            raise RuntimeError("at the last step")

        monkeypatch.setattr(capture, "create_opportunity", fail)
        with pytest.raises(RuntimeError):
            capture.take_down(
                employee=manager,
                phone=NUMBER,
                values={"name": "曾丽"},
                origin=capture.Origin("quick"),
                agreed=capture.Agreed("service", [], ""),
                token=uuid4(),
            )
        assert not Client.objects.exists()
        assert not Callback.objects.exists()

    def test_consent_is_kept_with_its_proof(self, browse: Browse, manager: Employee) -> None:
        data = filled(agreed=["phone", "wechat"], purpose="marketing", proof="签字表 0412")
        browse(manager).post(NEW, data)
        rows = Consent.objects.order_by("channel").values_list("purpose", "channel", "proof")
        assert list(rows) == [
            ("marketing", "phone", "签字表 0412"),
            ("marketing", "wechat", "签字表 0412"),
        ]
        assert set(Consent.objects.values_list("recorded_by", flat=True)) == {manager.pk}

    def test_consent_without_proof_is_refused(self, browse: Browse, manager: Employee) -> None:
        answer = browse(manager).post(NEW, filled(agreed=["phone"], purpose="marketing"))
        assert answer.status_code == 422
        assert "proof" in answer.context["form"].errors
        assert not Client.objects.exists()

    def test_the_origin_is_kept(
        self, browse: Browse, manager: Employee, branch: Branch, zhang: Client
    ) -> None:
        Client.objects.filter(pk=zhang.pk).update(search="'张伟' 'zhangwei'")
        channel = Channel.objects.create(name="工行世纪大道", kind="bank", branch=branch)
        campaign = _campaign(manager, branch, channel)
        data = filled(campaign=campaign.pk, referrer="zhangwei")
        assert browse(manager).post(NEW, data).status_code == 302
        lead = Lead.objects.get()
        assert (lead.channel, lead.campaign) == (channel, campaign)
        assert (lead.client.referred_by, lead.client.source) == (zhang, "referral")

    def test_an_ambiguous_referrer_is_asked_for(
        self, browse: Browse, manager: Employee, zhang: Client
    ) -> None:
        other = ClientFactory(name="张伟", name_pinyin="zhangwei", manager=manager)
        Client.objects.update(search="'张伟' 'zhangwei'")
        browser, data = browse(manager), filled(referrer="zhangwei")
        answer = browser.post(NEW, data)
        assert answer.status_code == 422
        assert str(other.public_id) in text_of(answer)
        browser.post(NEW, {**data, "referrer_key": str(other.public_id)})
        assert Client.objects.get(name="曾丽").referred_by == other


def _campaign(manager: Employee, branch: Branch | None, channel: Channel | None) -> Campaign:
    now = timezone.now()
    return Campaign.objects.create(
        name="投资者讲座",
        branch=branch,
        channel=channel,
        created_by=manager,
        starts_at=now,
        ends_at=now + timedelta(hours=2),
    )


class TestDoubles:
    def test_one_in_sight_is_named_and_linked(
        self, browse: Browse, manager: Employee, zhang: Client
    ) -> None:
        set_phones(client=zhang, numbers=[NUMBER])
        answer = browse(manager).post(NEW, filled())
        assert answer.status_code == 409
        assert f'href="{zhang.get_absolute_url()}"' in text_of(answer)
        assert Client.objects.count() == 1

    def test_one_of_another_book_is_not_revealed(
        self, browse: Browse, stranger: Employee, manager: Employee, zhang: Client
    ) -> None:
        set_phones(client=zhang, numbers=[NUMBER])
        answer = browse(stranger).post(NEW, filled())
        assert answer.status_code == 409
        text = text_of(answer)
        assert answer.context["doubles"].hidden
        for secret in (zhang.name, str(zhang.public_id), manager.full_name, "浦东"):
            assert secret not in text

    def test_another_person_with_the_number_is_recorded_on_ones_word(
        self, browse: Browse, manager: Employee, zhang: Client
    ) -> None:
        set_phones(client=zhang, numbers=[NUMBER])
        assert browse(manager).post(NEW, filled(another="on")).status_code == 302
        assert Client.objects.count() == 2


class TestAccess:
    def test_whoever_may_not_own_clients_is_refused(
        self, browse: Browse, compliance: Employee, operations: Employee, administrator: Employee
    ) -> None:
        for person in (compliance, operations, administrator):
            for ask in (browse(person).get, browse(person).post):
                assert ask(NEW).status_code == 403
        assert not Client.objects.exists()

    def test_a_wrong_method_is_refused(self, browse: Browse, manager: Employee) -> None:
        assert browse(manager).put(NEW).status_code == 405
        assert Browser().get(NEW).status_code == 302

    def test_channels_and_campaigns_of_another_branch_are_not_offered(
        self, browse: Browse, manager: Employee, stranger: Employee, other_branch: Branch
    ) -> None:
        theirs = Channel.objects.create(name="闵行建行", kind="bank", branch=other_branch)
        Channel.objects.create(name="全公司官网", kind="online")
        _campaign(stranger, other_branch, None)
        browser = browse(manager)
        text = text_of(browser.get(NEW))
        assert "全公司官网" in text
        assert "闵行建行" not in text
        assert "投资者讲座" not in text
        assert browser.post(NEW, filled(channel=theirs.pk)).status_code == 422
        assert not Client.objects.exists()

    def test_the_page_after_shows_nobody_elses_client(
        self, browse: Browse, stranger: Employee, zhang: Client
    ) -> None:
        answer = browse(stranger).get(f"{NEW}?done={zhang.public_id}")
        assert zhang.name not in text_of(answer)
        assert browse(stranger).get(f"{NEW}?done=x").status_code == 200


@pytest.mark.parametrize(
    "typed",
    [
        {"name": ""},
        {"name": " \x07 "},
        {"phone": "12"},
        {"phone": "abc"},
        {"phone": "\x00"},
        {"token": "x"},
        {"prospect_type": "rich"},
        {"source": "imported"},
        {"agreed": ["fax"]},
        {"campaign": "x"},
        {"referrer": "nobody"},
        {"name": "曾" * 61},
        {"name": "a\x00b", "phone": "1"},
    ],
)
def test_bad_input_gets_a_sentence_and_writes_nothing(
    typed: dict[str, Any], browse: Browse, manager: Employee, branch: Branch
) -> None:
    _campaign(manager, branch, None)  # without one there is no such field
    answer = browse(manager).post(NEW, filled(**typed))
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not Client.objects.exists()


class TestGuidance:
    def test_each_type_has_its_advice_on_the_form(self, browse: Browse, manager: Employee) -> None:
        answer = browse(manager).get(NEW)
        assert [guide.type for guide in answer.context["guides"]] == [
            "avoidant",
            "delegating",
            "advisory",
            "self_directed",
        ]
        for guide in answer.context["guides"]:
            for said in (guide.talk, guide.offer, guide.avoid):
                assert str(said) in text_of(answer).replace("&#x27;", "'")

    def test_delegating_carries_the_ban_with_its_source(
        self, browse: Browse, manager: Employee
    ) -> None:
        answer = browse(manager).get(NEW)
        warned = {guide.type for guide in answer.context["guides"] if guide.warning}
        assert warned == {"delegating"}
        text = text_of(answer)
        assert str(GUIDES["delegating"].warning) in text
        assert str(GUIDES["delegating"].citation) in text

    def test_the_client_file_says_how_to_speak_with_them(
        self, browse: Browse, manager: Employee, zhou: Client
    ) -> None:
        browser, page = browse(manager), zhou.get_absolute_url()
        assert "panel-guide" not in text_of(browser.get(page))
        Client.objects.filter(pk=zhou.pk).update(prospect_type="delegating")
        text = text_of(browser.get(page))
        assert str(GUIDES["delegating"].offer) in text
        # The ban stands in the file already, once.
        assert str(GUIDES["delegating"].warning) not in text

    def test_a_client_with_an_account_gets_none(
        self, browse: Browse, manager: Employee, zhang: Client
    ) -> None:
        Client.objects.filter(pk=zhang.pk).update(prospect_type="delegating")
        assert "panel-guide" not in text_of(browse(manager).get(zhang.get_absolute_url()))
