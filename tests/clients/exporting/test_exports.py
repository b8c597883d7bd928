"""Exports: how many clients leave in a day before somebody else is asked."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.exporting import services as exporting
from clients.models import ClientExport
from staff.models import Employee
from tests.cast import Browse
from tests.factories import ClientFactory

pytestmark = pytest.mark.django_db


def export(browse: Browse, person: Employee) -> str:
    asked = {"query": "", "format": "csv", "reason": "核对"}
    assert browse(person).post("/clients/export/", asked).status_code == 302
    return str(ClientExport.objects.latest("pk").state)


def test_many_small_exports_of_a_day_are_one_large(
    manager: Employee,
    head: Employee,
    regional_head: Employee,
    browse: Browse,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ClientFactory.create_batch(2, manager=manager)
    monkeypatch.setattr(exporting, "limit", lambda _employee: 5)
    assert [export(browse, head) for _ in range(3)] == ["started", "started", "waiting"]
    # What was approved is no part of what may leave without it.
    waiting = ClientExport.objects.get(state="waiting")
    exporting.decide(export=waiting, by=regional_head, approve=True)
    assert exporting.left(head) == 1
    assert exporting.left(regional_head) == 5
    ClientExport.objects.update(asked_at=timezone.now() - timedelta(days=1))
    assert export(browse, head) == "started"


@pytest.fixture
def waiting(
    manager: Employee, head: Employee, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> ClientExport:
    """An export of the head that is too large for the day."""
    ClientFactory.create_batch(2, manager=manager)
    monkeypatch.setattr(exporting, "limit", lambda _employee: 1)
    asked = {"query": "risk=C3", "format": "csv", "reason": "核对三级客户"}
    ClientFactory.create_batch(2, manager=manager, risk_grade="C3")
    assert browse(head).post("/clients/export/", asked).status_code == 302
    return ClientExport.objects.get(state="waiting")


def decide_url(export: ClientExport) -> str:
    return f"/exports/{export.public_id}/decide/"


def test_whoever_decides_reads_what_leaves(
    waiting: ClientExport, regional_head: Employee, browse: Browse
) -> None:
    answer = browse(regional_head).get("/exports/")
    (asked,) = answer.context["waiting"]
    ((_label, words),) = asked.filters
    assert words.startswith("C3")
    assert [label for label, personal in asked.columns if personal] == ["姓名", "电话", "证件号码"]
    text = answer.content.decode()
    for told in ("核对三级客户", str(waiting.employee), f"<strong>{waiting.row_count}</strong>"):
        assert told in text
    assert asked.until == waiting.asked_at + exporting.WAITS


def test_a_refusal_has_a_reason_that_the_asker_reads(
    waiting: ClientExport, head: Employee, regional_head: Employee, browse: Browse
) -> None:
    browser = browse(regional_head)
    assert browser.post(decide_url(waiting), {"refuse": "1"}).status_code == 409
    waiting.refresh_from_db()
    assert waiting.state == "waiting"
    answer = browser.post(decide_url(waiting), {"refuse": "1", "because": "请缩小范围"})
    assert answer.status_code == 302
    assert "请缩小范围" in browse(head).get("/exports/").content.decode()
    again = browser.post(decide_url(waiting), {"approve": "1"})
    assert again.status_code == 409  # decided on already


def test_nobody_decides_on_their_own(
    waiting: ClientExport, head: Employee, manager: Employee, compliance: Employee, browse: Browse
) -> None:
    for person in (head, manager, compliance):
        assert browse(person).post(decide_url(waiting), {"approve": "1"}).status_code == 404
    assert browse(head).get(decide_url(waiting)).status_code == 405
    waiting.refresh_from_db()
    assert waiting.state == "waiting"


def test_an_old_question_waits_no_more(
    waiting: ClientExport, regional_head: Employee, browse: Browse
) -> None:
    ClientExport.objects.update(asked_at=timezone.now() - exporting.WAITS - timedelta(minutes=1))
    assert browse(regional_head).get("/exports/").context["waiting"] == []
    assert browse(regional_head).post(decide_url(waiting), {"approve": "1"}).status_code == 409


def test_a_request_that_was_decided_or_lapsed_says_so(
    browse: Browse,
    head: Employee,
    regional_head: Employee,
    stranger: Employee,
    manager: Employee,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ClientFactory.create_batch(2, manager=manager)
    monkeypatch.setattr(exporting, "limit", lambda _employee: 1)
    assert export(browse, head) == "waiting"
    row = ClientExport.objects.get()
    url = f"/exports/{row.public_id}/decide/"
    # Neither who asked nor who has no say in it learns that it is there.
    assert browse(head).post(url, {"approve": "1"}).status_code == 404
    assert browse(stranger).post(url, {"approve": "1"}).status_code == 404
    ClientExport.objects.update(asked_at=timezone.now() - timedelta(days=8))
    late = browse(regional_head).post(url, {"approve": "1"})
    assert late.status_code == 409
    assert "7" in late.content.decode()
    ClientExport.objects.update(asked_at=timezone.now())
    assert browse(regional_head).post(url, {"refuse": "1", "because": "x"}).status_code == 302
    assert browse(regional_head).post(url, {"approve": "1"}).status_code == 409
    row.refresh_from_db()
    assert row.state == "refused"
