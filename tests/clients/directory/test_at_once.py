"""Few clients at once: changed in the request, taken back whole or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.directory import at_once
from clients.models import BulkChange, Client, ClientTag, Segment, SegmentChange, Tag
from crm.models import Job
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import ClientFactory
from visits.models import Callback

pytestmark = pytest.mark.django_db


def post(browse: Browse, person: Employee, clients: list[Client], **values: Any) -> Any:
    keys = [str(client.public_id) for client in clients]
    return browse(person).post("/clients/bulk/", {"client": keys, "direct": "1", **values})


def tagged() -> set[str]:
    return set(ClientTag.objects.values_list("client__name", flat=True))


def undo_address() -> str:
    return f"/clients/bulk/{BulkChange.objects.latest('pk').pk}/undo/"


def test_a_tag_is_put_on_in_the_request_and_taken_back(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    tag = Tag.objects.create(name="打新", branch=zhou.branch)
    ClientTag.objects.create(client=zhou, tag=tag, added_by=manager)
    answer = post(
        browse, manager, [zhang, zhou], action="tag", tag="打新", query="lifecycle=client"
    )
    assert (answer.status_code, answer["Location"]) == (302, "/clients/?lifecycle=client")
    assert tagged() == {"张伟", "周婷"}
    assert not Job.objects.exists()
    browser = browse(manager)
    new = {"client": str(zhang.public_id), "direct": "1", "action": "tag", "tag": "新"}
    browser.post("/clients/bulk/", new)
    page = browser.get("/clients/").content.decode()
    assert f'action="{undo_address()}"' in page
    first = BulkChange.objects.earliest("pk")
    back = browser.post(
        f"/clients/bulk/{first.pk}/undo/", headers={"referer": "http://testserver/clients/?q=a"}
    )
    assert back["Location"] == "http://testserver/clients/?q=a"
    # Who carried it before still does.
    assert list(ClientTag.objects.filter(tag=tag).values_list("client", flat=True)) == [zhou.pk]
    assert browser.post(f"/clients/bulk/{first.pk}/undo/").status_code == 409


def test_a_tag_is_taken_away_and_put_back(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    post(browse, manager, [zhang], action="tag", tag="x")
    post(browse, manager, [zhang, zhou], action="untag", tag="x")
    assert tagged() == set()
    assert browse(manager).post(undo_address()).status_code == 302
    assert tagged() == {"张伟"}


def test_a_segment_is_locked_planned_for_and_unlocked(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    before = zhang.segment_id
    private = Segment.objects.get(key="private")
    end = today() + timedelta(days=9)
    values = {"action": "pin", "segment": private.pk, "why": "家族资产", "until": end}
    assert post(browse, manager, [zhang], **values).status_code == 302
    zhang.refresh_from_db()
    assert (zhang.segment, zhang.segment_pinned, zhang.segment_reason) == (
        private,
        True,
        "家族资产",
    )
    assert (zhang.segment_pinned_until, zhang.segment_since) == (end, today())
    change = SegmentChange.objects.filter(client=zhang).latest("pk")
    assert (change.segment, change.employee, change.pinned) == (private, manager, True)
    planned = Callback.objects.open().get(client=zhang, kind="cadence")
    assert planned.plan is not None
    assert planned.plan.segment == private
    assert browse(manager).post(undo_address()).status_code == 302
    zhang.refresh_from_db()
    assert (zhang.segment_id, zhang.segment_pinned, zhang.segment_reason) == (before, False, "")


def test_a_former_lock_comes_back(zhang: Client, manager: Employee, browse: Browse) -> None:
    segments = [Segment.objects.get(key="private"), Segment.objects.get(pk=zhang.segment_id)]
    for segment in segments:
        post(browse, manager, [zhang], action="pin", segment=segment.pk, why=segment.key)
    browse(manager).post(undo_address())
    zhang.refresh_from_db()
    assert (zhang.segment, zhang.segment_pinned) == (segments[0], True)
    assert zhang.segment_reason == "private"


@pytest.mark.parametrize("kind", ["tag", "pin"])
def test_what_somebody_changed_since_is_not_taken_back(
    kind: str, zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    private = Segment.objects.get(key="private")
    asked = {"action": kind, "tag": "x", "segment": private.pk, "why": "家族资产"}
    post(browse, manager, [zhang, zhou], **asked)
    if kind == "tag":
        ClientTag.objects.filter(client=zhang).delete()
    else:
        Client.objects.filter(pk=zhang.pk).update(segment_reason="别的原因")
    answer = browse(manager).post(undo_address())
    assert answer.status_code == 409
    assert "之后" in answer.content.decode() or "since" in answer.content.decode()
    if kind == "tag":
        assert tagged() == {"周婷"}
    assert Client.objects.filter(segment_pinned=True).count() == (0 if kind == "tag" else 2)
    assert BulkChange.objects.get().undone_at is None


def test_whom_one_no_longer_serves_is_not_taken_back(
    zhang: Client, manager: Employee, colleague: Employee, browse: Browse
) -> None:
    post(browse, manager, [zhang], action="tag", tag="x")
    Client.objects.filter(pk=zhang.pk).update(manager=colleague)
    assert browse(manager).post(undo_address()).status_code == 409
    assert tagged() == {"张伟"}


def test_an_undo_is_ones_own_for_a_day(
    zhang: Client, manager: Employee, colleague: Employee, browse: Browse
) -> None:
    post(browse, manager, [zhang], action="tag", tag="x")
    assert browse(manager).get(undo_address()).status_code == 405
    assert browse(colleague).post(undo_address()).status_code == 404
    BulkChange.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    assert browse(manager).post(undo_address()).status_code == 409
    assert tagged() == {"张伟"}


def test_all_that_match_are_asked_again_when_they_are_more(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    asked = {"action": "tag", "tag": "x", "everything": "1", "query": "", "expected": "1"}
    answer = post(browse, manager, [], **asked)
    assert answer.status_code == 409
    assert answer.context["drift"] in answer.content.decode().replace("&#x27;", "'")
    assert not BulkChange.objects.exists()
    assert 'name="expected" value="2"' in answer.content.decode()
    again = browse(manager).post("/clients/bulk/", {**asked, "expected": "2", "confirm": "1"})
    assert again.status_code == 302
    assert tagged() == {"张伟", "周婷"}


def test_all_that_match_are_not_handed_over_when_they_are_more(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    asked = {"everything": "1", "query": "", "expected": "1"}
    assert browse(manager).post("/hand-overs/new/", asked).status_code == 409
    assert browse(manager).post("/hand-overs/new/", {**asked, "expected": "2"}).status_code == 200


@pytest.mark.parametrize(
    "values",
    [
        {"action": "tag", "tag": " "},
        {"action": "untag", "tag": "nobody has it"},
        {"action": "pin", "segment": "", "why": "x"},
        {"action": "pin", "segment": "999999", "why": "x"},
        {"action": "pin", "segment": "{private}", "why": " "},
        {"action": "pin", "segment": "{private}", "why": "x", "until": "2020-01-01"},
        {"action": "pin", "segment": "{private}", "why": "长" * 201},
        {"action": "drop"},
        {},
    ],
)
def test_bad_input_changes_nothing(
    values: dict[str, str], zhang: Client, manager: Employee, browse: Browse
) -> None:
    private = str(Segment.objects.get(key="private").pk)
    values = {name: text.replace("{private}", private) for name, text in values.items()}
    assert post(browse, manager, [zhang], **values).status_code == 422
    assert not BulkChange.objects.exists()


def test_nobody_chosen_and_who_may_not(
    zhang: Client, manager: Employee, stranger: Employee, compliance: Employee, browse: Browse
) -> None:
    assert post(browse, manager, [], action="tag", tag="x").status_code == 422
    assert post(browse, stranger, [zhang], action="tag", tag="x").status_code == 422
    assert post(browse, compliance, [zhang], action="tag", tag="x").status_code == 403
    assert not ClientTag.objects.exists()


def test_a_segment_of_another_branch_is_refused_for_its_clients(
    zhang: Client, manager: Employee, other_branch: Any
) -> None:
    segment = Segment.objects.get(key="private")
    segment.pk, segment.key, segment.branch = None, "elsewhere", other_branch
    segment.save()
    change = at_once.change(
        clients=[zhang.pk], action="pin", target=segment, reason="x", by=manager
    )
    assert list(change.items.values_list("state", flat=True)) == ["refused"]


@pytest.mark.parametrize("action", ["tag", "untag", "pin"])
def test_it_takes_as_many_statements_for_many_as_for_few(
    action: str, manager: Employee, browse: Browse
) -> None:
    private = Segment.objects.get(key="private")
    tag = Tag.objects.create(name="x", branch=manager.branch)
    counts = []
    for size in (2, 2, 12):
        clients = ClientFactory.create_batch(size, manager=manager)
        if action == "untag":
            for client in clients:
                ClientTag.objects.create(client=client, tag=tag, added_by=manager)
        values = {"action": action, "tag": "x", "segment": private.pk, "why": "x"}
        with CaptureQueriesContext(connection) as done:
            post(browse, manager, clients, **values)
        with CaptureQueriesContext(connection) as undone:
            browse(manager).post(undo_address())
        counts.append((len(done), len(undone)))
    # The first one fills caches.
    assert counts[1] == counts[2]


def test_a_toast_of_nothing_done_offers_no_way_back(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    post(browse, manager, [zhang], action="tag", tag="x")
    answer = post(browse, manager, [zhang], action="tag", tag="x")
    said = list(get_messages(answer.wsgi_request))
    assert said[-1].extra_tags == ""


def test_many_are_looked_at_before_a_job_takes_them(
    zhang: Client, manager: Employee, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_once, "MOST", 0)
    answer = post(browse, manager, [zhang], action="tag", tag="x")
    assert answer.status_code == 200
    assert answer.context["form"].initial["tag"] == "x"
    assert not BulkChange.objects.exists()
