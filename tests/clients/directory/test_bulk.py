"""Many clients at once: looked at first, changed as one by hand, taken back for a day."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.directory import at_once, bulk
from clients.models import BulkChange, Client, ClientTag, Segment, SegmentChange, Tag
from crm import jobs
from crm.models import Job
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few clients are changed in the request (test_at_once.py): here a job takes them all."""
    monkeypatch.setattr(at_once, "MOST", 0)


def post(browse: Browse, person: Employee, clients: list[Client], **values: Any) -> Any:
    keys = [str(client.public_id) for client in clients]
    return browse(person).post("/clients/bulk/", {"client": keys, **values})


def last_job() -> Job:
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job


def tagged() -> set[tuple[str, str]]:
    return set(ClientTag.objects.values_list("client__name", "tag__name"))


def test_it_is_looked_at_before_anything_happens(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    answer = post(browse, manager, [zhang, zhou], action="tag")
    assert answer.status_code == 200
    assert answer.context["count"] == 2
    assert "张伟" in answer.content.decode()
    assert not Job.objects.exists()


def test_a_tag_is_added_shown_filtered_by_and_taken_back(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    ClientTag.objects.create(
        client=zhou, tag=Tag.objects.create(name="打新", branch=zhou.branch), added_by=manager
    )
    asked = {"action": "tag", "tag": "打新", "confirm": "1"}
    answer = post(browse, manager, [zhang, zhou], **asked)
    assert answer.status_code == 302
    job = last_job()
    assert job.result["counts"] == {"done": 1, "same": 1}
    assert tagged() == {("张伟", "打新"), ("周婷", "打新")}
    browser = browse(manager)
    assert "打新" in browser.get(zhang.get_absolute_url()).content.decode()
    found = browser.get("/clients/?tag=打新").context["page"].items
    assert {client.name for client in found} == {"张伟", "周婷"}
    page = browser.get(job.get_absolute_url()).content.decode()
    undo = f"/clients/bulk/{job.result['change']}/undo/"
    assert undo in page
    assert browser.post(undo).status_code == 302
    assert last_job().result["counts"] == {"undone": 1, "same": 1}
    # Who carried it before still does.
    assert tagged() == {("周婷", "打新")}
    again = browser.post(undo, headers={"referer": "http://testserver/jobs/"})
    assert again.status_code == 409
    # A page of the product with the way back, not a bare sentence.
    assert 'href="http://testserver/jobs/"' in again.content.decode()
    assert "<nav" in again.content.decode()
    short = browser.post(undo, headers={"hx-request": "true"})
    assert (short.status_code, short["Content-Type"]) == (409, "text/plain; charset=utf-8")


def test_a_segment_is_pinned_with_its_reason_and_taken_back(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    before = zhang.segment_id
    private = Segment.objects.get(key="private")
    asked = {"action": "pin", "segment": private.pk, "reason": "家族资产", "confirm": "1"}
    post(browse, manager, [zhang], **asked)
    job = last_job()
    zhang.refresh_from_db()
    assert (zhang.segment, zhang.segment_pinned, zhang.segment_reason) == (
        private,
        True,
        "家族资产",
    )
    browse(manager).post(f"/clients/bulk/{job.result['change']}/undo/")
    assert last_job().result["counts"] == {"undone": 1}
    zhang.refresh_from_db()
    assert (zhang.segment_id, zhang.segment_pinned) == (before, False)
    assert SegmentChange.objects.filter(client=zhang).count() >= 2


def test_a_pin_of_many_has_a_last_day(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    private = Segment.objects.get(key="private")
    end = today() + timedelta(days=30)
    asked = {"action": "pin", "segment": private.pk, "reason": "家族资产", "confirm": "1"}
    late = post(browse, manager, [zhang], **asked, until=today() - timedelta(days=1))
    assert late.status_code == 422
    assert not BulkChange.objects.exists()
    post(browse, manager, [zhang], **asked)
    last_job()
    # Who is pinned there already gets the day, and the former one back.
    post(browse, manager, [zhang, zhou], **asked, until=end)
    job = last_job()
    assert job.result["counts"] == {"done": 2}
    assert set(Client.objects.values_list("segment_pinned_until", flat=True)) == {end}
    browse(manager).post(f"/clients/bulk/{job.result['change']}/undo/")
    last_job()
    zhang.refresh_from_db()
    zhou.refresh_from_db()
    assert (zhang.segment_pinned, zhang.segment_pinned_until) == (True, None)
    assert not zhou.segment_pinned


def test_what_somebody_changed_since_stays(
    zhang: Client, manager: Employee, head: Employee, browse: Browse
) -> None:
    private = Segment.objects.get(key="private")
    asked = {"action": "pin", "segment": private.pk, "reason": "家族资产", "confirm": "1"}
    post(browse, manager, [zhang], **asked)
    change = last_job().result["change"]
    Client.objects.filter(pk=zhang.pk).update(segment_pinned=False)
    browse(manager).post(f"/clients/bulk/{change}/undo/")
    assert last_job().result["counts"] == {"refused": 1}


def test_all_that_match_are_meant_not_only_the_ticked_ones(
    zhang: Client, zhou: Client, manager: Employee, stranger: Employee, browse: Browse
) -> None:
    ClientFactory(manager=stranger, lifecycle="prospect")
    asked = {"action": "tag", "tag": "潜客", "everything": "1", "query": "lifecycle=prospect"}
    post(browse, manager, [], **asked, confirm="1")
    last_job()
    assert tagged() == {("周婷", "潜客")}


def test_out_of_sight_is_never_touched(
    zhang: Client, stranger: Employee, colleague: Employee, manager: Employee, browse: Browse
) -> None:
    asked = {"action": "tag", "tag": "x", "confirm": "1"}
    assert post(browse, stranger, [zhang], **asked).status_code == 422
    assert not Job.objects.exists()
    # Handed over between the asking and the doing.
    post(browse, manager, [zhang], **asked)
    Client.objects.filter(pk=zhang.pk).update(manager=colleague)
    assert last_job().result["counts"] == {"refused": 1}
    assert not tagged()


def test_a_job_that_is_repeated_goes_on_where_it_stopped(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse
) -> None:
    post(browse, manager, [zhang, zhou], action="tag", tag="x", confirm="1")
    change = BulkChange.objects.get()
    change.items.filter(client=zhang).update(state="done")
    assert last_job().result["counts"] == {"done": 2}
    assert tagged() == {("周婷", "x")}


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "tag", "tag": " "},
        {"action": "tag", "tag": "长" * 31},
        {"action": "untag", "tag": "没有"},
        {"action": "pin", "reason": "why"},
        {"action": "pin", "segment": "999999", "reason": "why"},
        {"action": "burn"},
    ],
)
def test_bad_input_is_a_sentence(
    zhang: Client, manager: Employee, browse: Browse, wrong: dict[str, str]
) -> None:
    answer = post(browse, manager, [zhang], **wrong, confirm="1")
    assert answer.status_code == 422
    assert not BulkChange.objects.exists()


def test_nobody_chosen_and_too_many(
    zhang: Client, zhou: Client, manager: Employee, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"action": "tag", "tag": "x", "confirm": "1"}
    assert post(browse, manager, [], **asked).status_code == 422
    assert browse(manager).post("/clients/bulk/", {**asked, "client": "no-key"}).status_code == 422
    monkeypatch.setattr(bulk, "MOST", 1)
    assert post(browse, manager, [zhang, zhou], **asked).status_code == 422
    assert not BulkChange.objects.exists()


def test_readers_and_wrong_methods(
    zhang: Client, compliance: Employee, manager: Employee, browse: Browse
) -> None:
    assert post(browse, compliance, [zhang], action="tag").status_code == 403
    assert browse(manager).get("/clients/bulk/").status_code == 405


def test_it_can_be_taken_back_for_a_day_only(
    zhang: Client, manager: Employee, colleague: Employee, browse: Browse
) -> None:
    post(browse, manager, [zhang], action="tag", tag="x", confirm="1")
    change = BulkChange.objects.get()
    undo = f"/clients/bulk/{change.pk}/undo/"
    assert browse(colleague).post(undo).status_code == 404
    BulkChange.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    assert browse(manager).post(undo).status_code == 409


def test_ticked_clients_alone_are_exported(
    browse: Browse, head: Employee, zhang: Client, zhou: Client, stranger: Employee
) -> None:
    """The address names them; who is out of sight stays out of the file."""
    hidden = ClientFactory(manager=stranger, branch=stranger.branch)
    keys = [str(client.public_id) for client in (zhang, hidden)]
    sent = {"client": [*keys, "x"], "action": "tag", "query": ""}
    answer = browse(head).post("/clients/export/", sent)
    assert answer.status_code == 302
    assert browse(head).get(answer["Location"]).context["rows"] == 1
    shown = browse(head).get(f"/clients/?only={'.'.join(keys)}")
    assert "张伟" in shown.content.decode()
    assert "周婷" not in shown.content.decode()
    assert browse(head).get("/clients/?only=x").context["count"] == 0


def test_export_of_nobody_leads_back_with_a_sentence(
    browse: Browse, head: Employee, zhang: Client
) -> None:
    answer = browse(head).post("/clients/export/", {"query": "lifecycle=client"}, follow=True)
    assert answer.redirect_chain == [("/clients/?lifecycle=client", 302)]
    assert [str(message) for message in answer.context["messages"]] != []
    everything = browse(head).post(
        "/clients/export/", {"query": "lifecycle=client", "everything": "1"}
    )
    assert everything["Location"] == "/clients/export/?lifecycle=client"
