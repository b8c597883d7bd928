"""Households, referrals and contact persons."""

from typing import Any

import pytest

from clients.file.services import refresh_search
from clients.models import Client, ContactPerson, ContactPhone, Household, Membership
from clients.relations import selectors as relations_selectors
from staff.models import Employee
from tests.cast import Browse
from tests.factories import ClientFactory, VisitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def wife(manager: Employee) -> Client:
    return ClientFactory(name="李娜", manager=manager, title="ms")


def relate(browse: Browse, person: Employee, client: Client, other: Client, relation: str) -> Any:
    url = f"{client.get_absolute_url()}relations/add/"
    return browse(person).post(url, {"client": other.public_id, "relation": relation})


def change(browse: Browse, person: Employee, client: Client, what: str) -> Any:
    return browse(person).post(f"{client.get_absolute_url()}relations/change/", {"what": what})


def panel(browse: Browse, person: Employee, client: Client) -> str:
    """What the file asks for after itself."""
    browser, late = browse(person), f"{client.get_absolute_url()}panels/clients.relations/"
    page = browser.get(client.get_absolute_url()).content.decode()
    assert f'hx-get="{late}"' in page
    assert f'href="{client.get_absolute_url()}relations/"' in page
    return browser.get(late).content.decode()


def relations(client: Client) -> list[tuple[str, str]]:
    own = Membership.objects.filter(client=client, valid_to=None).values("household")
    rows = Membership.objects.filter(household__in=own, valid_to=None).order_by("id")
    return list(rows.values_list("client__name", "relation"))


def test_a_household_has_one_head_and_a_picture(
    zhang: Client, wife: Client, manager: Employee, browse: Browse
) -> None:
    assert relate(browse, manager, zhang, wife, "spouse").status_code == 302
    assert relations(zhang) == [("张伟", "head"), ("李娜", "spouse")]
    page = browse(manager).get(f"{zhang.get_absolute_url()}relations/").content.decode()
    assert "<svg" in page
    assert page.count("李娜") >= 2
    file = panel(browse, manager, wife)
    assert zhang.get_absolute_url() in file
    assert change(browse, manager, wife, "head").status_code == 302
    assert relations(zhang) == [("张伟", "other"), ("李娜", "head")]
    assert Household.objects.get().head == wife


def test_the_head_leaves_last(
    zhang: Client, wife: Client, manager: Employee, browse: Browse
) -> None:
    relate(browse, manager, zhang, wife, "spouse")
    assert change(browse, manager, zhang, "leave").status_code == 409
    assert change(browse, manager, wife, "leave").status_code == 302
    assert change(browse, manager, zhang, "leave").status_code == 302
    assert not Membership.objects.filter(valid_to=None).exists()
    assert Membership.objects.count() == 2
    assert relate(browse, manager, wife, zhang, "spouse").status_code == 302


def test_nobody_is_of_two_households(
    zhang: Client, wife: Client, manager: Employee, browse: Browse
) -> None:
    other = ClientFactory(manager=manager)
    relate(browse, manager, zhang, wife, "spouse")
    answer = relate(browse, manager, other, wife, "child")
    assert answer.status_code == 409
    # On the page of relations itself, where another can be chosen.
    page = answer.content.decode()
    assert 'role="alert"' in page
    assert f"{other.get_absolute_url()}relations/add/" in page or 'name="q"' in page
    assert not Membership.objects.filter(client=other).exists()


@pytest.mark.parametrize("relation", ["head", "enemy", ""])
def test_a_relation_that_is_none_is_refused(
    zhang: Client, wife: Client, manager: Employee, browse: Browse, relation: str
) -> None:
    assert relate(browse, manager, zhang, wife, relation).status_code == 409
    assert relate(browse, manager, zhang, zhang, "spouse").status_code == 409
    assert not Membership.objects.exists()


def test_an_organisation_is_of_no_household(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    firm = ClientFactory(manager=manager, kind="organisation")
    assert relate(browse, manager, zhang, firm, "other").status_code == 409


def test_the_stream_of_a_household_is_merged_and_within_the_scope(
    zhang: Client, wife: Client, manager: Employee, colleague: Employee, browse: Browse
) -> None:
    relate(browse, manager, zhang, wife, "spouse")
    VisitFactory(client=zhang, notes="先生说的")
    VisitFactory(client=wife, notes="太太说的")
    VisitFactory(client=wife, notes="保密", confidential=True)
    url = f"{zhang.get_absolute_url()}household/"
    page = browse(manager).get(url).content.decode()
    assert "先生说的" in page
    assert "太太说的" in page
    assert "保密" not in page
    Client.objects.filter(pk=wife.pk).update(manager=colleague)
    page = browse(manager).get(url).content.decode()
    assert "太太说的" not in page
    tree = relations_selectors.tree(manager, zhang)
    assert tree is not None
    assert [node.name for node in tree.nodes] == ["张伟"]
    assert tree.hidden == 1


def test_who_brought_whom(zhang: Client, zhou: Client, manager: Employee, browse: Browse) -> None:
    assert relate(browse, manager, zhou, zhang, "referrer").status_code == 302
    zhou.refresh_from_db()
    assert zhou.referred_by == zhang
    assert relate(browse, manager, zhang, zhou, "referrer").status_code == 409
    assert zhou.get_absolute_url() in panel(browse, manager, zhang)
    assert change(browse, manager, zhou, "referrer").status_code == 302
    zhou.refresh_from_db()
    assert zhou.referred_by is None


def test_a_contact_person_is_kept_with_a_masked_number(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    url = f"{zhang.get_absolute_url()}contacts/"
    typed = {"name": "李秘书", "role": "proxy", "position": "助理", "phone": "13912345678"}
    browser = browse(manager)
    assert browser.post(url, typed | {"phone": "letters"}).status_code == 422
    assert browser.post(url, typed).status_code == 302
    page = browser.get(f"{zhang.get_absolute_url()}relations/").content.decode()
    assert "139****5678" in page
    assert "13912345678" not in page
    assert "李秘书" in panel(browse, manager, zhang)
    contact = ContactPerson.objects.get()
    assert browser.post(f"{url}{contact.pk}/end/").status_code == 302
    assert browser.post(f"{url}{contact.pk}/end/").status_code == 404
    assert ContactPhone.objects.filter(valid_to=None).count() == 0
    assert ContactPerson.objects.count() == 1


def test_a_client_out_of_reach_cannot_be_related(
    zhang: Client, manager: Employee, stranger: Employee, compliance: Employee, browse: Browse
) -> None:
    theirs = ClientFactory(manager=stranger)
    assert relate(browse, manager, zhang, theirs, "spouse").status_code == 404
    assert relate(browse, stranger, zhang, theirs, "spouse").status_code == 404
    assert relate(browse, compliance, zhang, zhang, "spouse").status_code == 403
    assert browse(manager).get(f"{zhang.get_absolute_url()}relations/add/").status_code == 405


def test_the_search_finds_whom_to_add(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    for client in (zhang, zhou):
        refresh_search(client=client)
    page = browse(manager).get(f"{zhang.get_absolute_url()}relations/?q=周婷")
    assert [hit.name for hit in page.context["hits"]] == ["周婷"]


def test_only_late_panels_are_asked_for_by_name(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    for key in ("visits.past", "none"):
        answer = browse(manager).get(f"{zhang.get_absolute_url()}panels/{key}/")
        assert answer.status_code == 404
