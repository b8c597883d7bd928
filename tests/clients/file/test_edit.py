"""Recording and changing a client by form; segment and manager."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from clients.file.services import (
    Assessed,
    IdentityDocument,
    add_risk_assessment,
    set_identity,
    set_phones,
)
from clients.models import Client, Phone, Segment
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db

ONE, TWO = "+8613812341234", "+8613912345678"
CARD = "11010519491231002X"
NEW = "/clients/new/"


def filled(browser: Browser, url: str, **typed: Any) -> dict[str, Any]:
    """What the browser would send: the form as shown, with what the person typed."""
    form = browser.get(url).context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {name: "" if value is None else value for name, value in data.items()}
    return {name: value for name, value in {**data, **typed}.items() if value is not False}


def messages(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


class TestCreate:
    def test_a_manager_records_a_prospect(self, browse: Browse, manager: Employee) -> None:
        browser = browse(manager)
        data = filled(
            browser,
            NEW,
            name="曾丽",
            phone="138 1234 1234",
            phone2="021-58881234",
            identity_type="id_card",
            identity_number=CARD.lower(),
            birthday="1949-12-31",
            prospect_type="advisory",
            source="referral",
            notes="喜欢早上通话",
        )
        answer = browser.post(NEW, data)
        client = Client.objects.get()
        assert answer["Location"] == client.get_absolute_url()
        assert (client.name, client.lifecycle, client.manager) == ("曾丽", "prospect", manager)
        assert [phone.number for phone in client.phones.all()] == [ONE, "+862158881234"]
        assert client.identities.get().number == CARD
        assert client.segment.key == "prospect"
        assert browser.get("/clients/?q=zengl").context["page"].items[0].name == "曾丽"

    def test_a_form_sent_twice_is_one_client(self, browse: Browse, manager: Employee) -> None:
        browser = browse(manager)
        data = filled(browser, NEW, name="曾丽")
        assert browser.post(NEW, data)["Location"] == browser.post(NEW, data)["Location"]
        assert Client.objects.count() == 1

    def test_a_token_of_somebody_elses_client_opens_nothing(
        self, browse: Browse, zhang: Client, stranger: Employee
    ) -> None:
        browser = browse(stranger)
        data = filled(browser, NEW, name="曾丽", token=zhang.public_id)
        answer = browser.post(NEW, data)
        assert answer.status_code == 422
        assert zhang.name not in answer.content.decode()
        assert Client.objects.count() == 1
        assert browser.post(NEW, {**data, "token": "x"}).status_code == 422

    def test_a_head_chooses_a_manager_within_scope(
        self, browse: Browse, head: Employee, manager: Employee, stranger: Employee
    ) -> None:
        browser = browse(head)
        data = filled(browser, NEW, name="曾丽", lifecycle="client", opened_on=str(today()))
        assert browser.post(NEW, {**data, "manager": stranger.pk}).status_code == 422
        assert browser.post(NEW, {**data, "manager": ""}).status_code == 422
        assert browser.post(NEW, {**data, "manager": manager.pk}).status_code == 302
        client = Client.objects.get()
        assert (client.manager, client.opened_on) == (manager, today())

    def test_a_manager_cannot_choose_another(
        self, browse: Browse, manager: Employee, colleague: Employee
    ) -> None:
        browser = browse(manager)
        browser.post(NEW, {**filled(browser, NEW, name="曾丽"), "manager": colleague.pk})
        assert Client.objects.get().manager == manager

    def test_posts_without_clients_record_none(
        self, browse: Browse, compliance: Employee, operations: Employee
    ) -> None:
        for person in (compliance, operations):
            assert browse(person).get(NEW).status_code == 403
            assert browse(person).post(NEW, {"name": "曾丽"}).status_code == 403
        assert not Client.objects.exists()

    def test_a_wrong_method_is_refused(self, browse: Browse, manager: Employee) -> None:
        assert browse(manager).put(NEW).status_code == 405

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"name": " "}, "name"),
            ({"birthday": str(today() + timedelta(days=1))}, "birthday"),
            ({"birthday": "1899-12-31"}, "birthday"),
            ({"birthday": "gestern"}, "birthday"),
            ({"phone": "1381234abcd"}, "phone"),
            ({"phone": "12345"}, "phone"),
            ({"phone": ONE, "phone2": ONE}, "phone2"),
            ({"identity_type": "id_card", "identity_number": CARD[:-1] + "1"}, "identity_number"),
            ({"identity_type": "credit_code", "identity_number": "123"}, "identity_number"),
            ({"identity_number": CARD}, "identity_type"),
            ({"identity_type": "passport"}, "identity_number"),
            ({"risk_grade": "C3"}, "assessed_on"),
            ({"assessed_on": "2026-01-01"}, "risk_grade"),
            (
                {
                    "risk_grade": "C3",
                    "assessed_on": "2026-01-02",
                    "risk_expires_on": "2026-01-02",
                },
                "risk_expires_on",
            ),
            ({"lifecycle": "client"}, "opened_on"),
            ({"lifecycle": "client", "opened_on": str(today() + timedelta(days=1))}, "opened_on"),
            ({"lifecycle": "closed"}, "lifecycle"),
            ({"income_level": "vast"}, "income_level"),
            ({"kind": "organisation", "title": "mr"}, "title"),
            ({"name": "x" * 101}, "name"),
        ],
    )
    def test_bad_input_is_answered_with_a_sentence_and_kept(
        self, browse: Browse, manager: Employee, typed: dict[str, str], field: str
    ) -> None:
        browser = browse(manager)
        typed = {"name": "曾丽", "notes": "typed before the error", **typed}
        answer = browser.post(NEW, filled(browser, NEW, **typed))
        assert answer.status_code == 422
        form = answer.context["form"]
        assert field in form.errors
        page = answer.content.decode()
        assert f'id="error_1_id_{field}"' in page or f"error_1_id_{field}" in page
        assert "typed before the error" in page
        for name, value in typed.items():
            assert form[name].value() == value
        assert not Client.objects.exists()
        assert not Phone.objects.exists()


class TestEdit:
    def test_what_is_masked_stays_when_left_empty(
        self, browse: Browse, zhang: Client, manager: Employee
    ) -> None:
        set_phones(client=zhang, numbers=[ONE, TWO])
        set_identity(client=zhang, identity=IdentityDocument("id_card", CARD))
        day = today()
        add_risk_assessment(client=zhang, assessed=Assessed("C3", day, day + timedelta(days=9)))
        browser = browse(manager)
        url = f"{zhang.get_absolute_url()}edit/"
        page = browser.get(url).content.decode()
        assert 'placeholder="138****1234"' in page
        assert ONE[3:] not in page
        assert CARD not in page
        assert browser.post(url, filled(browser, url, notes="新")).status_code == 302
        zhang.refresh_from_db()
        assert zhang.notes == "新"
        assert [phone.number for phone in zhang.phones.filter(valid_to=None)] == [ONE, TWO]
        assert zhang.identities.get().number == CARD
        assert zhang.risk_assessments.count() == 1

    def test_numbers_are_replaced_and_removed_one_by_one(
        self, browse: Browse, zhang: Client, manager: Employee
    ) -> None:
        set_phones(client=zhang, numbers=[ONE, TWO])
        set_identity(client=zhang, identity=IdentityDocument("id_card", CARD))
        browser = browse(manager)
        url = f"{zhang.get_absolute_url()}edit/"
        browser.post(url, filled(browser, url, phone="13700001111"))
        assert [p.number for p in zhang.phones.filter(valid_to=None)] == ["+8613700001111", TWO]
        browser.post(url, filled(browser, url, drop_phone2="on"))
        assert [p.number for p in zhang.phones.filter(valid_to=None)] == ["+8613700001111"]
        browser.post(url, filled(browser, url, identity_expires_on="2046-01-01"))
        paper = zhang.identities.get(valid_to=None)
        assert (paper.number, str(paper.expires_on)) == (CARD, "2046-01-01")

    def test_a_shared_number_is_saved_with_a_warning(
        self, browse: Browse, zhang: Client, manager: Employee, stranger: Employee
    ) -> None:
        other = ClientFactory(name="孙悦", manager=stranger)
        set_phones(client=other, numbers=[ONE])
        browser = browse(manager)
        url = f"{zhang.get_absolute_url()}edit/"
        answer = browser.post(url, filled(browser, url, phone=ONE), follow=True)
        assert len(messages(answer)) == 2
        assert other.name not in answer.content.decode()
        assert zhang.phones.get().number == ONE

    def test_the_second_of_two_people_is_told_and_nothing_is_overwritten(
        self, browse: Browse, zhang: Client, manager: Employee, head: Employee
    ) -> None:
        url = f"{zhang.get_absolute_url()}edit/"
        mine, theirs = browse(manager), browse(head)
        opened = filled(mine, url, notes="mine", birthday="1980-01-01")
        theirs.post(url, filled(theirs, url, notes="theirs", income_level="high"))
        answer = mine.post(url, opened)
        assert answer.status_code == 409
        page = answer.content.decode()
        assert head.full_name in page
        told = {change["text"] for change in answer.context["theirs"]}
        assert "theirs" in told
        assert len(told) == 2
        zhang.refresh_from_db()
        assert (zhang.notes, zhang.income_level, zhang.birthday) == ("theirs", "high", None)
        # What this person typed is kept; what only the other one changed is taken over.
        again = answer.context["form"]
        assert again["notes"].value() == "mine"
        assert again["birthday"].value() == "1980-01-01"
        assert again["income_level"].value() == "high"
        data = {name: again[name].value() or "" for name in again.fields}
        assert mine.post(url, data).status_code == 302
        zhang.refresh_from_db()
        assert (zhang.notes, zhang.income_level) == ("mine", "high")

    def test_a_form_without_its_seal_is_refused(
        self, browse: Browse, zhang: Client, manager: Employee
    ) -> None:
        browser = browse(manager)
        url = f"{zhang.get_absolute_url()}edit/"
        for opened in ("", "1", "[1,{}]:x:y"):
            data = filled(browser, url, notes="x", opened=opened)
            assert browser.post(url, data).status_code == 422
        zhang.refresh_from_db()
        assert zhang.notes == ""

    def test_bad_input_is_422_and_nothing_is_written(
        self, browse: Browse, zhang: Client, manager: Employee
    ) -> None:
        browser = browse(manager)
        url = f"{zhang.get_absolute_url()}edit/"
        answer = browser.post(url, filled(browser, url, notes="x", phone="letters"))
        assert answer.status_code == 422
        assert re.search(r'value="letters"', answer.content.decode())
        zhang.refresh_from_db()
        assert zhang.notes == ""

    @pytest.mark.parametrize("page", ["edit", "segment", "manager"])
    def test_it_is_for_those_who_may_change_the_client(
        self,
        browse: Browse,
        zhang: Client,
        head: Employee,
        colleague: Employee,
        compliance: Employee,
        page: str,
    ) -> None:
        url = f"{zhang.get_absolute_url()}{page}/"
        for ask in ("get", "post"):
            assert getattr(browse(colleague), ask)(url).status_code == 404
            assert getattr(browse(compliance), ask)(url).status_code == 403
        assert browse(head).get(url).status_code == 200
        assert browse(head).post(url, {}).status_code in {200, 422}
        assert browse(head).delete(url).status_code == 405
        assert browse(head).get(url.replace(str(zhang.public_id), "17")).status_code == 404


class TestSegment:
    def test_it_is_pinned_and_freed_with_a_reason(
        self, browse: Browse, zhang: Client, manager: Employee
    ) -> None:
        browser = browse(manager)
        url = f"{zhang.get_absolute_url()}segment/"
        private = Segment.objects.get(key="private")
        assert browser.post(url, {"segment": private.pk, "reason": ""}).status_code == 422
        assert browser.post(url, {"segment": "x", "reason": "y"}).status_code == 422
        answer = browser.post(url, {"segment": private.pk, "reason": "将转入"}, follow=True)
        assert "将转入" in answer.content.decode()
        zhang.refresh_from_db()
        assert (zhang.segment, zhang.segment_pinned) == (private, True)
        browser.post(url, {"segment": "", "reason": "未转入"})
        zhang.refresh_from_db()
        assert (zhang.segment.key, zhang.segment_pinned) == ("small_conservative", False)
        # Nothing is pinned now: nothing to free.
        assert browser.post(url, {"segment": "", "reason": "再次"}).status_code == 422


class TestManager:
    def test_a_head_hands_a_client_over_within_scope(
        self,
        browse: Browse,
        zhang: Client,
        head: Employee,
        colleague: Employee,
        stranger: Employee,
        compliance: Employee,
    ) -> None:
        browser = browse(head)
        url = f"{zhang.get_absolute_url()}manager/"
        for wrong in (stranger.pk, compliance.pk, "x", ""):
            assert browser.post(url, {"manager": wrong, "reason": "y"}).status_code == 422
        assert browser.post(url, {"manager": colleague.pk, "reason": ""}).status_code == 422
        assert browser.post(url, {"manager": colleague.pk, "reason": "休假"}).status_code == 302
        zhang.refresh_from_db()
        assert zhang.manager == colleague
        assert zhang.assignments.get(valid_to=None).reason == "休假"

    def test_a_manager_does_not_hand_over(
        self, browse: Browse, zhang: Client, manager: Employee, colleague: Employee
    ) -> None:
        url = f"{zhang.get_absolute_url()}manager/"
        data = {"manager": colleague.pk, "reason": "休假"}
        assert browse(manager).post(url, data).status_code == 403
        zhang.refresh_from_db()
        assert zhang.manager == manager
