"""What one can say at the call screen of a prospect, and what led on in the firm."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from clients.models import Client, ProspectType
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory, ClientFactory, VisitFactory
from visits.models import AttractionStyle, Outcome, QuestionStyle, Visit
from visits.scripts import banned_phrases, talking_points
from visits.scripts.example_texts import ASK_REFERRAL, ATTRACT, OFFER_MATERIAL, QUESTIONS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _counted_anew() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def contact(client: Client, *, days: int = 1, **values: Any) -> Visit:
    day = today() - timedelta(days=days)
    at = timezone.make_aware(datetime.combine(day, time(10)))
    return VisitFactory(client=client, occurred_at=at, occurred_on=day, **values)


def share(client: Client, style: str) -> tuple[int, int]:
    """Reached and led on, as the call screen of ``client`` would show them now."""
    cache.clear()
    found = talking_points.helps(client)
    assert found is not None
    shown = {
        key: row.share
        for keys, rows in ((AttractionStyle, found.attract), (QuestionStyle, found.questions))
        for key, row in zip(keys.values, rows, strict=True)
    }
    return shown[style].reached, shown[style].led


@pytest.fixture
def careful(manager: Employee) -> Client:
    return ClientFactory(manager=manager, prospect=True, prospect_type=ProspectType.AVOIDANT)


def texts() -> Iterator[Any]:
    for by_style in (ATTRACT, QUESTIONS):
        for by_type in by_style.values():
            yield from by_type.values()
    yield from (OFFER_MATERIAL, ASK_REFERRAL)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_example_says_what_must_not_be_said(language: str) -> None:
    bans = banned_phrases.in_force(None)
    assert bans
    with translation.override(language):
        for text in texts():
            assert banned_phrases.found([str(text)], bans) == [], text


def test_every_style_has_an_example_for_every_type() -> None:
    types = {"", *ProspectType.values}
    assert set(ATTRACT) == set(AttractionStyle.values)
    assert set(QUESTIONS) == set(QuestionStyle.values)
    for by_style in (ATTRACT, QUESTIONS):
        assert all(set(by_type) == types for by_type in by_style.values())


def test_it_speaks_to_the_type(manager: Employee, careful: Client, browse: Browse) -> None:
    callback = CallbackFactory(client=careful)
    page = browse(manager).get(callback.get_absolute_url()).content.decode()
    for by_style in (ATTRACT, QUESTIONS):
        for by_type in by_style.values():
            shown = {type_ for type_, text in by_type.items() if escaped(text) in page}
            assert shown == {ProspectType.AVOIDANT.value}
    assert escaped(OFFER_MATERIAL) in page
    assert escaped(ASK_REFERRAL) in page
    # The next step that goes with it is one tap away.
    outcome = Outcome.objects.get(key="not_interested")
    assert f'href="#outcome-{outcome.pk}"' in page
    assert f'id="outcome-{outcome.pk}"' in page


def escaped(text: Any) -> str:
    return str(text).replace("'", "&#x27;")


def test_a_client_is_past_that(manager: Employee, zhang: Client, browse: Browse) -> None:
    callback = CallbackFactory(client=zhang)
    answer = browse(manager).get(callback.get_absolute_url())
    assert answer.context["talk"] is None
    assert "talk-title" not in answer.content.decode()


def test_it_counts_the_firm_by_type(careful: Client, stranger: Employee) -> None:
    other = ClientFactory(manager=stranger, prospect=True, prospect_type=ProspectType.AVOIDANT)
    bold = ClientFactory(manager=stranger, prospect=True, prospect_type=ProspectType.SELF_DIRECTED)
    for client in (careful, other, bold):
        contact(client, attraction_style="analogy", next_step="meet")
        contact(client, attraction_style="analogy", next_step="none")
    assert share(careful, "analogy") == (4, 2)
    assert share(bold, "analogy") == (2, 1)
    unknown = ClientFactory(prospect=True)
    assert share(unknown, "analogy") == (6, 3)
    assert share(careful, "benefit") == (0, 0)


def test_a_contact_counts_for_each_kind_of_question(careful: Client) -> None:
    contact(careful, question_styles=["about", "silence"], next_step="open_account")
    contact(careful, question_styles=["about"], next_step="call_again")
    assert share(careful, "about") == (2, 1)
    assert share(careful, "silence") == (1, 1)


def test_what_is_void_confidential_old_unreached_or_later_is_not_counted(careful: Client) -> None:
    leads: dict[str, Any] = {"attraction_style": "benefit", "next_step": "meet"}
    contact(careful, days=talking_points.PERIOD, **leads)
    contact(careful, confidential=True, **leads)
    contact(careful, outcome=Outcome.objects.get(key="no_answer"), **leads)
    void = contact(careful, **leads)
    Visit.objects.filter(pk=void.pk).update(
        void=True, void_reason="wrong client", voided_at=timezone.now()
    )
    opened = ClientFactory(
        prospect_type=ProspectType.AVOIDANT, opened_on=today() - timedelta(days=5)
    )
    contact(opened, days=4, **leads)
    assert share(careful, "benefit") == (0, 0)
    contact(opened, days=5, **leads)
    assert share(careful, "benefit") == (1, 1)


@pytest.mark.parametrize(("contacts", "shown"), [(19, False), (20, True)])
def test_few_have_no_share(
    careful: Client, manager: Employee, browse: Browse, contacts: int, shown: bool
) -> None:
    for _number in range(contacts):
        contact(careful, attraction_style="analogy", next_step="meet")
    page = browse(manager).get(CallbackFactory(client=careful).get_absolute_url())
    talk = page.content.decode().split("talk-title", 1)[1].split("</section>", 1)[0]
    assert ("100%" in talk) == shown
    assert f"联系上 {contacts} 次，有进展 {contacts} 次" in talk


def test_it_is_counted_once_a_day(careful: Client, manager: Employee, browse: Browse) -> None:
    browser, url = browse(manager), CallbackFactory(client=careful).get_absolute_url()
    browser.get(url)
    contact(careful, attraction_style="analogy", next_step="meet")
    with CaptureQueriesContext(connection) as seen:
        answer = browser.get(url)
    assert not [
        query for query in seen if "question_styles" in query["sql"] and "COUNT" in query["sql"]
    ]
    assert answer.context["talk"].attract[1].share.reached == 0
    assert talking_points.counts(today() + timedelta(days=1))[0]
