"""The demo firm shows all that the client file has: families, papers, wishes, work that waits."""

from io import BytesIO, StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from pytest_django import Settings

from clients.documents.services import content_type
from clients.duplicates.detection import pairs
from clients.exporting import services as exporting
from clients.models import (
    Client,
    ClientTag,
    Consent,
    ContactPerson,
    Document,
    HandOver,
    Kind,
    Membership,
    Tag,
)
from crm.models import SavedView
from staff.models import Employee


@pytest.fixture
def firm(db: None, settings: Settings, tmp_path: object) -> None:
    settings.EMBEDDED, settings.MEDIA_ROOT = True, tmp_path
    call_command("load_demo", scale="small", stdout=StringIO())


def test_families_have_one_head_and_a_past_that_can_be(firm: None) -> None:
    heads = Membership.objects.filter(relation="head").select_related("household")
    assert heads.count() >= 10
    assert all(row.household.head_id == row.client_id for row in heads)
    for child in Membership.objects.filter(relation="child").select_related("client"):
        head = child.household.head
        assert head.birthday
        assert child.client.birthday
        assert child.client.birthday.year - head.birthday.year > 20
        assert child.client.manager == head.manager
    brought = Client.objects.filter(referred_by__isnull=False).select_related("referred_by")
    assert brought.count() >= 10
    assert all(c.referred_by and c.referred_by.recorded_on < c.recorded_on for c in brought)


def test_organisations_have_somebody_who_decides(firm: None) -> None:
    served = Client.objects.filter(kind=Kind.ORGANISATION)
    decided = ContactPerson.objects.filter(role="decides").values("client")
    assert served.exists()
    assert not served.exclude(pk__in=decided).exists()


def test_who_wants_no_calls_has_withdrawn_it(firm: None) -> None:
    refused = Client.objects.filter(calls_refused=True)
    assert refused.exists()
    for client in refused:
        assert not client.consents.filter(
            purpose="service", channel="phone", withdrawn_on=None
        ).exists()
    assert Consent.objects.filter(withdrawn_on=None).count() > 200
    assert ClientTag.objects.values("tag").distinct().count() == Tag.objects.count() > 5


def test_papers_are_what_they_are_called(firm: None) -> None:
    papers = list(Document.objects.all())
    assert {paper.kind for paper in papers} >= {"identity", "agreement", "risk_notice"}
    for paper in papers:
        with default_storage.open(paper.file) as file:
            content = file.read()
        assert content_type(BytesIO(content), paper.name) == paper.content_type


def test_work_waits_for_whoever_decides(firm: None) -> None:
    people = {person.username: person for person in Employee.objects.all()}
    for name in ("manager1", "manager3", "branchhead"):
        assert pairs(people[name])[0], name
    head = people["branchhead"]
    asked = HandOver.objects.decidable_by(head).get(state="asked")
    assert asked.items.count() > 3
    assert exporting.waiting_for(people["regionalhead"]).count() == 1
    assert SavedView.objects.filter(shared=True).count() >= 2
