"""Suggestions of clients are answered and closed."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from staff.models import Employee
from tests.cast import Browse
from tests.factories import VisitFactory
from visits.contacts.corrections import correct_visit
from visits.models import Outcome, SuggestionReply, Visit
from visits.scripts import suggestions

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(zhang: Client) -> Visit:
    made: Visit = VisitFactory(client=zhang, suggestions="希望周末也能办业务😀")
    return made


def url(visit: Visit) -> str:
    return f"{visit.get_absolute_url()}suggestion/"


def said(state: str = "answered", words: str = "已转告营业部") -> dict[str, str]:
    return {"state": state, "words": words}


def test_it_goes_from_open_to_answered_to_closed(
    visit: Visit, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    for state in ("answered", "closed"):
        assert (
            "希望周末"
            in browser.get(
                "/suggestions/" if state == "answered" else "/suggestions/?status=answered"
            ).content.decode()
        )
        assert browser.post(url(visit), said(state, f"说明{state}")).status_code == 302
    assert "希望周末" not in browser.get("/suggestions/").content.decode()
    assert "希望周末" in browser.get("/suggestions/?status=closed").content.decode()
    page = browser.get(url(visit)).content.decode()
    assert "说明answered" in page
    assert "说明closed" in page
    assert "<textarea" not in page


@pytest.mark.parametrize(
    "data", [said(words=""), said(words="长" * 2001), said(state="x"), {"words": "好"}]
)
def test_bad_input_keeps_nothing(
    data: dict[str, str], visit: Visit, manager: Employee, browse: Browse
) -> None:
    answer = browse(manager).post(url(visit), data)
    assert answer.status_code == 422
    assert data.get("words", "") in answer.content.decode()
    assert not SuggestionReply.objects.exists()


def test_the_second_of_two_is_told(
    visit: Visit, manager: Employee, head: Employee, browse: Browse
) -> None:
    browse(manager).post(url(visit), said())
    answer = browse(head).post(url(visit), said(words="我来答复"))
    assert answer.status_code == 422
    assert "我来答复" in answer.content.decode()
    browse(head).post(url(visit), said("closed"))
    assert browse(manager).post(url(visit), said()).status_code == 422
    assert SuggestionReply.objects.count() == 2


def test_others_neither_see_nor_reply(
    visit: Visit, colleague: Employee, compliance: Employee, browse: Browse
) -> None:
    assert browse(colleague).get(url(visit)).status_code == 404
    assert browse(colleague).post(url(visit), said()).status_code == 404
    assert "希望周末" not in browse(colleague).get("/suggestions/").content.decode()
    assert browse(compliance).get(url(visit)).status_code == 200
    assert browse(compliance).post(url(visit), said()).status_code == 403
    assert browse(compliance).delete(url(visit)).status_code == 405
    assert not SuggestionReply.objects.exists()


def test_an_unknown_state_is_refused(manager: Employee, browse: Browse) -> None:
    assert browse(manager).get("/suggestions/?status=x").status_code == 400


def test_a_correction_keeps_what_was_replied(visit: Visit, manager: Employee) -> None:
    suggestions.reply(visit=visit, state="answered", words="已答复", by=manager)
    content = {"outcome": Outcome.objects.get(key="talked"), "channel": "phone"}
    same = correct_visit(
        visit=visit,
        by=manager,
        token="8c7d0d32-0000-4000-8000-000000000001",  # type: ignore[arg-type]
        suggestions=visit.suggestions,
        **content,
    )
    assert same.suggestion_replies.get().words == "已答复"
    other = correct_visit(
        visit=same,
        by=manager,
        token="8c7d0d32-0000-4000-8000-000000000002",  # type: ignore[arg-type]
        suggestions="别的建议",
        **content,
    )
    assert not other.suggestion_replies.exists()


def test_replies_are_kept_as_they_were(visit: Visit, manager: Employee) -> None:
    row = suggestions.reply(visit=visit, state="answered", words="已答复", by=manager)
    for change in (row.delete, lambda: SuggestionReply.objects.update(words="x")):
        with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
            change()
    twice = SuggestionReply(visit=visit, state="answered", words="又", employee=manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        twice.save()


def test_the_list_asks_no_more_for_more_rows(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    counts = []
    for size in (2, 12):
        VisitFactory.create_batch(size, client=zhang, suggestions="建议")
        with CaptureQueriesContext(connection) as asked:
            browser.get("/suggestions/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
