"""At the door of an event: colleagues' guests, doubles, and a tap that was a mistake."""

import uuid
from typing import Any

import pytest

from clients.file.services import refresh_search, set_phones
from clients.models import Client
from pipeline.models import Campaign, Invitation, Lead
from staff.models import Branch, Employee
from tests.campaigns import campaign, invited
from tests.cast import Browse
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db

TYPED, NUMBER = "138 1234 1234", "+8613812341234"


@pytest.fixture
def event(branch: Branch, head: Employee) -> Campaign:
    return campaign(branch, head)


@pytest.fixture
def guest(event: Campaign, zhang: Client, manager: Employee) -> Client:
    """Zhang, of Wang's book, on the list."""
    set_phones(client=zhang, numbers=[NUMBER])
    refresh_search(client=zhang)
    invited(event, zhang, manager, reply="yes")
    return zhang


def door_of(event: Campaign) -> str:
    return f"{event.get_absolute_url()}check-in/"


def walk_in(event: Campaign, **typed: Any) -> dict[str, Any]:
    form = {"campaign": event.public_id, "token": uuid.uuid4(), "name": "张伟", "phone": TYPED}
    return {**form, "agrees": "on", **typed}


def ask(browse: Browse, person: Employee, client: Client, event: Campaign, act: str = "in") -> Any:
    url = f"{client.get_absolute_url()}check-{act}/"
    return browse(person).post(url, {"campaign": event.public_id})


class TestGuestsOfColleagues:
    def test_one_on_the_list_is_checked_in_by_whoever_stands_at_the_door(
        self, event: Campaign, guest: Client, colleague: Employee, browse: Browse
    ) -> None:
        assert list(browse(colleague).get(door_of(event)).context["guests"]) == [guest]
        assert ask(browse, colleague, guest, event).status_code == 302
        assert Invitation.objects.get().checked_in_at is not None
        assert browse(colleague).get(door_of(event)).context["came"] == 1

    def test_no_more_than_the_name_is_shown(
        self, event: Campaign, guest: Client, colleague: Employee, manager: Employee, browse: Browse
    ) -> None:
        link = f'href="{guest.get_absolute_url()}"'
        assert link in browse(manager).get(door_of(event)).content.decode()
        text = browse(colleague).get(door_of(event), {"q": "张伟"}).content.decode()
        assert guest.salutation in text
        assert link not in text
        assert "1234" not in text
        assert manager.full_name not in text
        # Nor is it found out whose number it is.
        for typed in ("1234", TYPED, "１２３４"):
            found = browse(colleague).get(door_of(event), {"q": typed}).context["guests"]
            assert not list(found), typed
        assert list(browse(manager).get(door_of(event), {"q": "1234"}).context["guests"]) == [guest]

    def test_whoever_is_not_on_the_list_stays_hidden(
        self, event: Campaign, zhou: Client, colleague: Employee, browse: Browse
    ) -> None:
        refresh_search(client=zhou)
        assert not list(browse(colleague).get(door_of(event), {"q": "周婷"}).context["guests"])
        assert ask(browse, colleague, zhou, event).status_code == 404
        assert not Invitation.objects.exists()

    def test_other_branches_and_readers_do_not_stand_at_the_door(
        self,
        guest: Client,
        event: Campaign,
        stranger: Employee,
        compliance: Employee,
        administrator: Employee,
        manager: Employee,
        browse: Browse,
    ) -> None:
        assert ask(browse, stranger, guest, event).status_code == 404
        assert ask(browse, compliance, guest, event).status_code == 403
        # An event of the firm is seen by everybody, its list by nobody more than before.
        firms = campaign(None, administrator)
        invited(firms, guest, manager)
        assert not list(browse(stranger).get(door_of(firms)).context["guests"])
        assert ask(browse, stranger, guest, firms).status_code == 404

    def test_whoever_sees_everybody_finds_those_who_are_not_on_the_list(
        self, event: Campaign, guest: Client, zhou: Client, administrator: Employee, browse: Browse
    ) -> None:
        refresh_search(client=zhou)
        found = browse(administrator).get(door_of(event), {"q": "周婷"}).context["guests"]
        assert list(found) == [zhou]
        assert ask(browse, administrator, zhou, event).status_code == 302


class TestUndoing:
    def test_a_tap_that_was_a_mistake_is_taken_back(
        self, event: Campaign, guest: Client, manager: Employee, browse: Browse
    ) -> None:
        ask(browse, manager, guest, event)
        page = browse(manager).get(door_of(event))
        assert f"{guest.get_absolute_url()}check-out/" in page.content.decode()
        assert ask(browse, manager, guest, event, "out").status_code == 302
        row = Invitation.objects.get()
        assert (row.checked_in_at, row.reply) == (None, "yes")
        assert ask(browse, manager, guest, event, "out").status_code == 422, "not here"

    def test_the_place_goes_to_the_next_in_line(
        self, branch: Branch, head: Employee, manager: Employee, zhang: Client, browse: Browse
    ) -> None:
        small = campaign(branch, head, capacity=1)
        ask(browse, manager, zhang, small)
        waits = invited(small, ClientFactory(manager=manager), manager, reply="waiting")
        ask(browse, manager, zhang, small, "out")
        waits.refresh_from_db()
        assert waits.reply == "yes"

    def test_outsiders_wrong_methods_and_a_closed_event(
        self,
        event: Campaign,
        guest: Client,
        manager: Employee,
        colleague: Employee,
        stranger: Employee,
        compliance: Employee,
        browse: Browse,
    ) -> None:
        ask(browse, manager, guest, event)
        assert ask(browse, stranger, guest, event, "out").status_code == 404
        assert ask(browse, compliance, guest, event, "out").status_code == 403
        url = f"{guest.get_absolute_url()}check-out/"
        assert browse(manager).get(url).status_code == 405
        assert browse(manager).post(url, {}).status_code == 422
        assert browse(manager).post(url, {"campaign": "x"}).status_code == 404
        Campaign.objects.filter(pk=event.pk).update(state="held")
        assert ask(browse, manager, guest, event, "out").status_code == 422
        assert Invitation.objects.get().checked_in_at is not None


class TestWithoutInvitation:
    def test_a_number_on_record_is_asked_about(
        self, event: Campaign, guest: Client, colleague: Employee, manager: Employee, browse: Browse
    ) -> None:
        for person in (manager, colleague):
            answer = browse(person).post("/campaigns/walk-in/", walk_in(event, name="李娜"))
            assert answer.status_code == 409
            assert guest.salutation in answer.content.decode()
            assert 'name="another"' in answer.content.decode()
        assert Client.objects.count() == 1
        data = walk_in(event, name="李娜", another="on")
        assert browse(manager).post("/campaigns/walk-in/", data).status_code == 302
        assert Lead.objects.get().client.name == "李娜"

    def test_one_of_another_book_is_not_revealed(
        self, event: Campaign, zhang: Client, colleague: Employee, browse: Browse
    ) -> None:
        set_phones(client=zhang, numbers=[NUMBER])
        answer = browse(colleague).post("/campaigns/walk-in/", walk_in(event, name="李娜"))
        assert answer.status_code == 409
        assert answer.context["doubles"].hidden
        assert "张伟" not in answer.content.decode()
        assert not Lead.objects.exists()

    def test_of_several_with_the_number_the_one_of_that_name_is_checked_in(
        self, event: Campaign, zhang: Client, manager: Employee, browse: Browse
    ) -> None:
        wife = ClientFactory(name="李娜", manager=manager)
        for client in (zhang, wife):
            set_phones(client=client, numbers=[NUMBER])
        browse(manager).post("/campaigns/walk-in/", walk_in(event, name="李 娜"))
        assert Invitation.objects.get().client == wife

    def test_a_token_of_a_client_out_of_sight_opens_nothing(
        self, event: Campaign, zhou: Client, colleague: Employee, browse: Browse
    ) -> None:
        data = walk_in(event, token=zhou.public_id)
        answer = browse(colleague).post("/campaigns/walk-in/", data)
        assert answer.status_code == 422
        assert zhou.name not in answer.content.decode()
        assert Client.objects.count() == 1
