"""Duplicates: found, merged field by field, and taken apart again; nothing gets lost."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.duplicates import detection
from clients.duplicates.detection import pairs
from clients.file.services import Details, assign, create_client, refresh_search, set_phones
from clients.merging import services as merging
from clients.models import Client, ClientMerge, ClientTag, NotDuplicate, Phone, Tag
from crm import operations
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory, ClientFactory, OpportunityFactory, VisitFactory
from visits.models import Callback

pytestmark = pytest.mark.django_db

ONE, TWO = "+8613812341234", "+8613912345678"


@pytest.fixture
def twin(zhang: Client, manager: Employee) -> Client:
    """The same person once more, under another number and a wrong character."""
    made = ClientFactory(
        name="张玮",
        name_pinyin="zhangwei",
        manager=manager,
        income_level="high",
        birthday=date(1980, 5, 1),
        lifecycle="client",
        opened_on=date(2020, 3, 1),
    )
    Client.objects.filter(pk=zhang.pk).update(birthday=date(1980, 5, 1))
    zhang.refresh_from_db()
    set_phones(client=zhang, numbers=[ONE])
    set_phones(client=made, numbers=[TWO])
    for client in (zhang, made):
        refresh_search(client=client)
        client.refresh_from_db()
    return made


def url(first: Client, second: Client) -> str:
    return f"/duplicates/{first.public_id}/{second.public_id}/"


def versions(first: Client, second: Client) -> dict[str, int]:
    for client in (first, second):
        client.refresh_from_db()
    return {"version_left": first.version, "version_right": second.version}


def merge(browse: Browse, by: Employee, first: Client, second: Client, **take: str) -> Any:
    return browse(by).post(url(first, second), {**versions(first, second), **take})


def test_pairs_are_found_by_number_and_by_sound_with_birthday(
    zhang: Client,
    twin: Client,
    zhou: Client,
    manager: Employee,
    stranger: Employee,
    browse: Browse,
) -> None:
    set_phones(client=zhou, numbers=[ONE])
    theirs = ClientFactory(manager=stranger)
    set_phones(client=theirs, numbers=[ONE])
    found, rest = pairs(manager)
    assert rest == ""
    assert {frozenset((pair.first.name, pair.second.name)) for pair in found} == {
        frozenset(("张伟", "张玮")),
        frozenset(("张伟", "周婷")),
    }
    assert [len(pair.reasons) for pair in found] == [1, 1]
    page = browse(manager).get("/duplicates/").content.decode()
    assert "张玮" in page
    assert theirs.name not in page


def test_a_list_of_pairs_goes_on_without_gaps(
    manager: Employee, monkeypatch: pytest.MonkeyPatch, browse: Browse
) -> None:
    monkeypatch.setattr(detection, "PAGE", 2)
    for n in range(5):
        ClientFactory.create_batch(
            2, manager=manager, name_pinyin=f"same{n}", birthday=date(1980, 1, 1 + n)
        )
    seen, address = 0, "/duplicates/"
    for _page in range(9):
        context = browse(manager).get(address).context
        seen += len(context["pairs"])
        if not context["rest"]:
            break
        address = f"/duplicates/{context['rest']}"
    assert seen == 5


def test_a_page_looks_at_so_many_clients_and_the_list_goes_on(
    manager: Employee, monkeypatch: pytest.MonkeyPatch, browse: Browse
) -> None:
    monkeypatch.setattr(detection, "LOOKED_AT", 2)
    same = {"name_pinyin": "same", "birthday": date(1980, 1, 1)}
    first = ClientFactory(manager=manager, **same)
    ClientFactory.create_batch(4, manager=manager)
    last = ClientFactory.create_batch(2, manager=manager, **same)
    seen, address, pages = [], "/duplicates/", 0
    while address:
        answer = browse(manager).get(address)
        seen += [(pair.first.pk, pair.second.pk) for pair in answer.context["pairs"]]
        rest = answer.context["rest"]
        if not answer.context["pairs"] and rest:
            assert "已查看的客户中没有疑似重复" in answer.content.decode()
        address = f"/duplicates/{rest}" if rest else ""
        pages += 1
    assert pages == 4
    assert seen == [
        (first.pk, last[0].pk),
        (first.pk, last[1].pk),
        (last[0].pk, last[1].pk),
    ]


def test_what_is_chosen_holds_and_nothing_is_lost(
    zhang: Client, twin: Client, manager: Employee, browse: Browse
) -> None:
    VisitFactory(client=twin, notes="老档案里的话")
    by_hand = CallbackFactory(client=twin, employee=manager, reason="回电")
    chance = OpportunityFactory(client=twin)
    tag = Tag.objects.create(name="打新")
    ClientTag.objects.create(client=twin, tag=tag, added_by=manager)
    answer = merge(browse, manager, zhang, twin, income_level="merged")
    assert answer.status_code == 302
    zhang.refresh_from_db()
    assert (zhang.name, zhang.income_level) == ("张伟", "high")
    assert zhang.opened_on == date(2020, 3, 1)
    page = browse(manager).get(zhang.get_absolute_url()).content.decode()
    assert "老档案里的话" in page
    assert "打新" in page
    assert "139****5678" in page
    for row in (by_hand, chance):
        row.refresh_from_db()
        assert row.client == zhang
    assert Callback.objects.filter(kind="cadence", status="open").count() == 1
    # The old name, number and address lead to the survivor; the list has one row.
    browser = browse(manager)
    for query in ("张玮", "13912345678", "5678"):
        found = browser.get(f"/clients/?q={query}").context["page"].items
        assert [client.pk for client in found] == [zhang.pk], query
    moved = browser.get(twin.get_absolute_url())
    assert (moved.status_code, moved["Location"]) == (302, zhang.get_absolute_url())
    assert pairs(manager)[0] == []


def test_it_is_taken_apart_again_as_it_was(
    zhang: Client, twin: Client, manager: Employee, browse: Browse
) -> None:
    by_hand = CallbackFactory(client=twin, employee=manager, reason="回电")
    chance = OpportunityFactory(client=twin)
    before = {
        client.pk: (client.name, client.income_level, client.opened_on, client.manager_id)
        for client in (zhang, twin)
    }
    merge(browse, manager, zhang, twin, name="merged", income_level="merged")
    done = ClientMerge.objects.get()
    undo = f"/merges/{done.pk}/undo/"
    assert undo in browse(manager).get("/duplicates/").content.decode()
    assert browse(manager).post(undo).status_code == 302
    for client in (zhang, twin):
        client.refresh_from_db()
        state = (client.name, client.income_level, client.opened_on, client.manager_id)
        assert state == before[client.pk]
        assert client.merged_into is None
    for row in (by_hand, chance):
        row.refresh_from_db()
        assert row.client == twin
    assert Phone.objects.filter(client=zhang, valid_to=None).count() == 1
    assert twin.assignments.filter(kind="serves", valid_to=None).count() == 1
    assert browse(manager).post(undo).status_code == 409
    assert merge(browse, manager, zhang, twin).status_code == 302


def test_it_cannot_be_undone_after_a_change_or_a_week(
    zhang: Client, twin: Client, manager: Employee, browse: Browse
) -> None:
    merge(browse, manager, zhang, twin)
    done = ClientMerge.objects.get()
    undo = f"/merges/{done.pk}/undo/"
    ClientMerge.objects.update(at=timezone.now() - timedelta(days=8))
    assert browse(manager).post(undo).status_code == 409
    ClientMerge.objects.update(at=timezone.now())
    Client.objects.filter(pk=zhang.pk).update(version=99)
    assert browse(manager).post(undo).status_code == 409
    twin.refresh_from_db()
    assert twin.merged_into == zhang


def test_a_save_meanwhile_stops_the_merge(
    zhang: Client, twin: Client, manager: Employee, browse: Browse
) -> None:
    seen = versions(zhang, twin)
    Client.objects.filter(pk=twin.pk).update(version=twin.version + 1)
    answer = browse(manager).post(url(zhang, twin), seen)
    assert answer.status_code == 409
    twin.refresh_from_db()
    assert twin.merged_into is None


def test_who_comes_second_is_told_and_led_to_the_survivor(
    zhang: Client, twin: Client, manager: Employee, browse: Browse
) -> None:
    seen = versions(zhang, twin)
    merge(browse, manager, zhang, twin)
    browser = browse(manager)
    late = url(zhang, twin)
    # The page that was left open, reloaded, and the other way round.
    for answer in (browser.post(late, seen), browser.get(late), browser.get(url(twin, zhang))):
        assert (answer.status_code, answer["Location"]) == (302, zhang.get_absolute_url())
    page = browser.get(zhang.get_absolute_url()).content.decode()
    assert f"已并入{zhang.salutation}" in page or "were merged into" in page
    assert ClientMerge.objects.filter(undone_at=None).count() == 1


def test_an_outsider_learns_nothing_of_a_merge(
    zhang: Client, twin: Client, manager: Employee, stranger: Employee, browse: Browse
) -> None:
    merge(browse, manager, zhang, twin)
    assert browse(stranger).get(url(zhang, twin)).status_code == 404


@pytest.mark.parametrize("operation", ["merge", "unmerge"])
def test_a_part_that_fails_takes_everything_back(
    zhang: Client, twin: Client, manager: Employee, browse: Browse, operation: str
) -> None:
    if operation == "unmerge":
        merge(browse, manager, zhang, twin)

    def fail(_event: Any) -> None:
        raise RuntimeError

    def act() -> None:
        if operation == "unmerge":
            merging.undo(done=ClientMerge.objects.get(), by=manager)
            return
        seen = {zhang.pk: zhang.version, twin.pk: twin.version}
        merging.merge(survivor=zhang, merged=twin, versions=seen, take={}, by=manager)

    named = getattr(operations, operation)
    named.register("test", 99, fail)
    try:
        with pytest.raises(RuntimeError):
            act()
    finally:
        named.unregister("test")
    twin.refresh_from_db()
    assert (twin.merged_into is None) == (operation == "merge")
    phones = Phone.objects.filter(client=zhang, valid_to=None).count()
    assert phones == (1 if operation == "merge" else 2)


def test_a_pair_that_is_two_is_not_listed_again(
    zhang: Client, twin: Client, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    asked = {"dismiss": "1", "reason": " "}
    assert browser.post(url(twin, zhang), asked).status_code == 422
    assert browser.post(url(twin, zhang), {**asked, "reason": "同名不同人"}).status_code == 302
    assert NotDuplicate.objects.get().reason == "同名不同人"
    assert pairs(manager)[0] == []


def test_outsiders_readers_and_the_same_one_twice(
    zhang: Client,
    twin: Client,
    colleague: Employee,
    compliance: Employee,
    manager: Employee,
    browse: Browse,
) -> None:
    assert browse(colleague).get(url(zhang, twin)).status_code == 404
    assert merge(browse, compliance, zhang, twin).status_code == 404
    assert browse(compliance).get("/duplicates/").status_code == 403
    assert browse(manager).get(url(zhang, zhang)).status_code == 404
    assert browse(manager).get("/merges/1/undo/").status_code == 405


def test_who_takes_over_sees_the_merged_ones_too(
    zhang: Client, twin: Client, manager: Employee, colleague: Employee, browse: Browse
) -> None:
    VisitFactory(client=twin, notes="老档案里的话")
    merge(browse, manager, zhang, twin)
    zhang.refresh_from_db()
    assign(client=zhang, employee=colleague, on=today(), reason="调岗")
    page = browse(colleague).get(zhang.get_absolute_url()).content.decode()
    assert "老档案里的话" in page


def test_recording_a_twin_warns(zhang: Client, twin: Client, manager: Employee) -> None:
    details = Details({"name": "章伟", "birthday": date(1980, 5, 1)})
    saved = create_client(by=manager, details=details, manager=manager)
    assert saved.client.name_pinyin == "zhangwei"
    assert len(saved.warnings) == 1
