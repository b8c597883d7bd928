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
    assert browse(regional_head).post(url, {"refuse": "1"}).status_code == 302
    assert browse(regional_head).post(url, {"approve": "1"}).status_code == 409
    row.refresh_from_db()
    assert row.state == "refused"
