"""Contact history: each row a visit; a second run corrects only what differs; the real file."""

import os
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from clients.models import Client, SegmentChange
from staff.models import Branch, Employee
from tests.clients.importing.files import Desk
from visits.models import Visit

pytestmark = pytest.mark.django_db
HEADER = (
    "age;job;marital;education;default;balance;housing;loan;contact;day;month;duration;campaign;"
    "pdays;previous;poutcome;y"
)
ROW = "58.0;{job};married;tertiary;no;2143.0;yes;no;;{day};{month};{seconds};1.0;;;;{y}"


@pytest.fixture
def desk(tmp_path: Path, branch: Branch, manager: Employee) -> Desk:
    return Desk(tmp_path)


def bank(desk: Desk, *rows: str) -> str:
    """Import these rows by the shipped mapping."""
    return desk.load(desk.raw("\n".join([HEADER, *rows]).encode()), mapping="bank-full")


def row(day: str, month: str, *, y: str = "no", seconds: str = "261.0") -> str:
    return ROW.format(job="management", day=day, month=month, seconds=seconds, y=y)


def test_the_year_rolls_over_and_empty_parts_are_those_before(desk: Desk) -> None:
    bank(desk, row("5.0", "may"), row("", ""), row("30.0", "dec"), row("2.0", "jan"))
    days = Visit.objects.order_by("source_key").values_list("occurred_on", flat=True)
    assert list(days) == [date(2008, 5, 5), date(2008, 5, 5), date(2008, 12, 30), date(2009, 1, 2)]


def test_a_row_becomes_a_client_with_a_visit(desk: Desk, manager: Employee) -> None:
    bank(desk, row("5.0", "may", y="yes"))
    client = Client.objects.get()
    assert (client.lifecycle, client.manager) == ("client", manager)
    assert client.opened_on == client.last_contact_on == date(2008, 5, 5)
    visit = client.visits.get()
    assert (visit.outcome.key, visit.reached, visit.duration_seconds) == ("interested", True, 261)
    assert visit.employee is None


def test_a_second_run_corrects_only_what_differs(desk: Desk) -> None:
    rows = [row("5.0", "may"), row("6.0", "may")]
    bank(desk, *rows)
    bank(desk, *rows)
    assert Visit.objects.count() == 2
    bank(desk, rows[0], row("9.0", "may", seconds="30"))
    old, new = Visit.objects.filter(source_key="000002").order_by("pk")
    assert (old.void, new.void, new.corrects) == (True, False, old)
    assert (old.duration_seconds, new.duration_seconds) == (261, 30)
    assert Client.objects.get(source_key="000002").last_contact_on == date(2008, 5, 9)
    assert Visit.objects.count() == 3


@pytest.mark.parametrize("bad", [row("31.0", "feb"), row("x", "may"), row("5", "may", seconds="x")])
def test_a_bad_history_refuses_its_row_alone(desk: Desk, bad: str) -> None:
    said = bank(desk, row("5.0", "jan"), bad, row("6.0", "may"))
    assert said.startswith("2 clients created, 0 updated, 0 unchanged; 1 rows refused.")
    assert Visit.objects.count() == 2


def worked() -> float:
    """Seconds that this process and its children have had a processor: others on it do not count."""
    return sum(os.times()[:4])


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_real_file_lands_whole_in_well_under_a_minute(desk: Desk) -> None:
    file = Path(settings.REAL_DATA or "") / "bank-full.csv"
    if not settings.REAL_DATA or not file.exists():
        pytest.skip("CRM_REAL_DATA is not set: the real contacts are not on this machine")
    began = worked()
    said = desk.load("bank-full.csv", mapping="bank-full")
    assert worked() - began < 60
    assert said == "45211 clients created, 0 updated, 0 unchanged; 0 rows refused.\n"
    assert Visit.objects.count() == SegmentChange.objects.count() == 45_211
    days = Visit.objects.order_by("source_key").values_list("occurred_on", flat=True)
    assert (days[0], days[45_210]) == (date(2008, 5, 5), date(2010, 11, 17))
    assert list(days) == sorted(days)
