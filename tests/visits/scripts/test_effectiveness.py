"""What contacts teach: counts beside every share, and no share where there are too few."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from clients.models import Client
from crm.shares import Share
from staff.models import Employee
from tests.cast import Browse
from tests.factories import ClientFactory, VisitFactory
from visits.models import Outcome, Purpose, Visit
from visits.scripts import effectiveness

ENOUGH = 20

pytestmark = pytest.mark.django_db


def contacts(client: Client, count: int, **more: object) -> None:
    VisitFactory.create_batch(count, client=client, **more)


def line(title: str, label: str, viewer: Employee) -> effectiveness.EffectivenessRow:
    rows = effectiveness.own(Visit.objects.visible_to(viewer), viewer)
    tables = dict(effectiveness.tables(rows, effectiveness.of_branch(viewer), ENOUGH))
    return next(row for row in tables[title] if row.label == label)


@pytest.fixture(autouse=True)
def _english() -> object:
    with translation.override("en"):
        yield


def test_it_counts_what_led_on(zhang: Client, manager: Employee) -> None:
    contacts(zhang, 15, purpose="learn", next_step="none")
    contacts(zhang, 5, purpose="learn", next_step="meet")
    contacts(zhang, 3, purpose="learn", outcome=Outcome.objects.get(key="no_answer"))
    found = line("Purpose", "Learn about the client", manager)
    assert found.made == 23
    assert found.own == Share(20, 5, ENOUGH)
    assert (found.own.percent, found.own.is_enough) == (25, True)
    assert found.own.low < 25 < found.own.high


def test_a_few_make_no_share(zhang: Client, manager: Employee, browse: Browse) -> None:
    contacts(zhang, ENOUGH - 1, attraction_style="doubt", next_step="meet")
    found = line("Attraction style", "Resolving a doubt", manager)
    assert found.own == Share(19, 19, ENOUGH)
    assert not found.own.is_enough
    assert not re.search(r">\s*100%", browse(manager).get("/record/").content.decode())


def test_one_contact_counts_for_each_kind_of_question(zhang: Client, manager: Employee) -> None:
    contacts(zhang, 2, question_styles=["about", "silence"])
    for label in ("About", "Silence"):
        assert line("Kind of question", label, manager).made == 2
    assert line("Kind of question", "Assertion", manager).made == 0


def test_the_branch_stands_beside_ones_own(
    zhang: Client, manager: Employee, colleague: Employee, stranger: Employee
) -> None:
    contacts(zhang, 2, purpose="action")
    contacts(ClientFactory(manager=colleague), 3, purpose="action")
    contacts(ClientFactory(manager=stranger), 5, purpose="action")
    found = line("Purpose", "Get action", manager)
    assert found.made == 2
    assert found.branch == Share(5, 0, ENOUGH)


def test_the_branch_is_asked_the_same_as_oneself(
    zhang: Client, manager: Employee, colleague: Employee, browse: Browse
) -> None:
    silent = Outcome.objects.get(key="no_answer")
    theirs = ClientFactory(manager=colleague)
    contacts(zhang, 2, purpose="action")
    contacts(theirs, 3, purpose="action")
    contacts(theirs, 4, purpose="action", outcome=silent)
    contacts(theirs, 5, purpose="action", occurred_at=timezone.now() - timedelta(200))

    def beside(query: str) -> Share | None:
        purposes = browse(manager).get(f"/record/?{query}").context["tables"][0][1]
        found: Share | None = purposes[Purpose.values.index("action")].branch
        return found

    assert beside("reached=1") == Share(5, 0, ENOUGH)
    assert beside("reached=0") == Share(0, 0, ENOUGH)
    assert beside(f"outcome={silent.pk}") == Share(0, 0, ENOUGH)
    assert beside(f"segment={theirs.segment_id}") == Share(3, 0, ENOUGH)
    long_ago = f"{timezone.localdate() - timedelta(300):%Y-%m-%d}"
    assert beside(f"date_from={long_ago}") == Share(10, 0, ENOUGH)


def test_a_head_sees_the_branch_and_picks_a_person(
    zhang: Client, manager: Employee, colleague: Employee, head: Employee, browse: Browse
) -> None:
    contacts(zhang, 2, purpose="action")
    contacts(ClientFactory(manager=colleague), 3, purpose="action")
    assert line("Purpose", "Get action", head).made == 5
    tables = dict(browse(head).get(f"/record/?manager={manager.pk}").context["tables"])
    made = {row.made for rows in tables.values() for row in rows}
    assert made == {0, 2}


def test_confidential_void_and_old_entries_are_left_out(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    contacts(zhang, 1, purpose="action", confidential=True)
    contacts(zhang, 1, purpose="action", void=True, void_reason="x", voided_at=timezone.now())
    contacts(zhang, 1, purpose="action", occurred_at=timezone.now() - timedelta(200))
    months = browse(manager).get("/record/").context["months"]
    assert months == []


def test_satisfaction_stands_with_its_count(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    contacts(zhang, 1, satisfaction_service=5)
    contacts(zhang, 1, satisfaction_service=2)
    contacts(zhang, 1)
    (month,) = browse(manager).get("/record/").context["months"]
    assert (month.made, month.service, month.rated_service) == (3, 3.5, 2)
    assert (month.information, month.rated_information) == (None, 0)


def test_a_malformed_filter_is_told(manager: Employee, browse: Browse) -> None:
    assert browse(manager).get("/record/?date_from=x").status_code == 400
    assert browse(manager).post("/record/").status_code == 405


def test_it_asks_no_more_for_more_rows(zhang: Client, manager: Employee, browse: Browse) -> None:
    browser = browse(manager)
    counts = []
    for size in (2, 20):
        contacts(zhang, size, purpose="action", question_styles=["about"])
        with CaptureQueriesContext(connection) as asked:
            browser.get("/record/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
