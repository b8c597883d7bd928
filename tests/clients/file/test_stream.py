"""The stream of a client: merged by time, by kind, piece by piece, within the access rule."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from clients.consents.services import give
from clients.file.services import pin_segment, set_phones
from clients.models import Client, Segment
from crm import timeline
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory, VisitFactory
from visits.contacts.services import snooze

pytestmark = pytest.mark.django_db


def pieces(browse: Browse, person: Employee, client: Client, kind: str = "") -> list[str]:
    """The heads of all entries, reading piece by piece to the end."""
    url = f"{client.get_absolute_url()}timeline/?kind={kind}"
    heads: list[str] = []
    browser = browse(person)
    for _piece in range(50):
        context = browser.get(url, HTTP_HX_REQUEST="true").context
        heads += [f"{entry.kind}:{entry.pk}" for entry in context["entries"]]
        url = context["older"]
        if not url:
            return heads
    raise AssertionError("it never ends")


def test_everything_that_happened_stands_in_it(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    VisitFactory(client=zhang, notes="聊了新股")
    callback = CallbackFactory(client=zhang)
    snooze(callback=callback, until=today() + timedelta(days=7), reason="客户出差", by=manager)
    private = Segment.objects.get(key="private")
    pin_segment(client=zhang, segment=private, reason="家族资产", by=manager)
    give(client=zhang, purpose="marketing", channel="sms", on=today(), proof="短信回复", by=manager)
    Client.objects.filter(pk=zhang.pk).update(notes="喜欢下午接电话")
    page = browse(manager).get(f"{zhang.get_absolute_url()}timeline/").content.decode()
    for text in ("聊了新股", "客户出差", "家族资产", "短信回复", "喜欢下午接电话"):
        assert text in page, text
    assert manager.full_name in page


def test_a_change_says_from_what_to_what(zhang: Client, manager: Employee, browse: Browse) -> None:
    for style in ("balanced", "aggressive"):
        Client.objects.filter(pk=zhang.pk).update(investment_style=style)
    context = browse(manager).get(f"{zhang.get_absolute_url()}timeline/?kind=change").context
    styles = [entry.text for entry in context["entries"] if "→" in entry.text]
    assert len(styles) == 2
    assert styles[0].endswith("平衡型 → 进取型")


@pytest.mark.parametrize("kind", ["", "visit"])
def test_nothing_is_skipped_or_shown_twice_when_moments_are_shared(
    zhang: Client, manager: Employee, browse: Browse, kind: str
) -> None:
    moment = timezone.now().replace(microsecond=123_457) - timedelta(days=1)
    for n in range(40):
        VisitFactory(client=zhang, occurred_at=moment - timedelta(hours=n // 20))
    heads = pieces(browse, manager, zhang, kind)
    assert len(heads) == len(set(heads))
    assert len([head for head in heads if head.startswith("visit:")]) == 40


def test_a_kind_shows_that_kind_only(zhang: Client, manager: Employee, browse: Browse) -> None:
    VisitFactory(client=zhang)
    assert {head.split(":")[0] for head in pieces(browse, manager, zhang, "service")} == {"service"}


def test_what_is_confidential_is_not_in_it(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    VisitFactory(client=zhang, confidential=True)
    assert pieces(browse, manager, zhang, "visit") == []


@pytest.mark.parametrize("cursor", ["x", "1~2", "nan~visit~1", "9e99~visit~1", "1~visit~x"])
def test_a_malformed_place_begins_anew(
    zhang: Client, manager: Employee, browse: Browse, cursor: str
) -> None:
    VisitFactory(client=zhang)
    url = f"{zhang.get_absolute_url()}timeline/?kind=visit&cursor={cursor}"
    answer = browse(manager).get(url)
    assert answer.status_code == 200
    assert len(answer.context["entries"]) == 1


def test_without_scripts_it_is_a_page(zhang: Client, manager: Employee, browse: Browse) -> None:
    VisitFactory.create_batch(timeline.SIZE + 1, client=zhang)
    page = browse(manager).get(f"{zhang.get_absolute_url()}timeline/?kind=visit").content.decode()
    assert "<html" in page
    older = re.search(r'href="([^"]*cursor[^"]*)"', page)
    assert older is not None


def step(browse: Browse, person: Employee, client: Client) -> str:
    found = browse(person).get(client.get_absolute_url()).context["step"]
    return str(found.text) if found else ""


def test_the_next_step_is_the_most_pressing_one_and_says_why(
    zhang: Client, zhou: Client, manager: Employee, compliance: Employee, browse: Browse
) -> None:
    assert "/edit/" in browse(manager).get(zhang.get_absolute_url()).context["step"].url
    set_phones(client=zhang, numbers=["+8613812341234"])
    Client.objects.filter(pk=zhang.pk).update(
        risk_grade="C3", risk_expires_on=today() - timedelta(days=1)
    )
    assert "C3" in step(browse, manager, zhang)
    CallbackFactory(client=zhang, reason="问新股", due_on=today() - timedelta(days=3))
    assert "问新股" in step(browse, manager, zhang)
    assert step(browse, compliance, zhang) == ""
    set_phones(client=zhou, numbers=["+8613812341235"])
    start = browse(manager).get(zhou.get_absolute_url()).context["step"]
    assert "opportunity" in start.url


@pytest.mark.parametrize("kind", ["", "change"])
def test_changes_that_nobody_wants_to_see_hide_none_of_the_others(
    zhang: Client, manager: Employee, browse: Browse, kind: str
) -> None:
    """Every other update is of a column that follows from others; the history has both."""
    day = today()
    for n in range(20):
        Client.objects.filter(pk=zhang.pk).update(segment_since=day - timedelta(days=n))
        Client.objects.filter(pk=zhang.pk).update(notes=f"note {n:02}")
    url = f"{zhang.get_absolute_url()}timeline/?kind={kind}"
    texts: list[str] = []
    browser = browse(manager)
    while url:
        context = browser.get(url, HTTP_HX_REQUEST="true").context
        texts += [entry.text for entry in context["entries"] if entry.kind == "change"]
        url = context["older"]
    assert [text[-7:] for text in texts] == [f"note {n:02}" for n in reversed(range(20))]


def test_the_newest_change_is_found_behind_many_that_nobody_wants_to_see(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    Client.objects.filter(pk=zhang.pk).update(notes="喜欢下午接电话")
    for n in range(40):
        Client.objects.filter(pk=zhang.pk).update(segment_since=today() - timedelta(days=n))
    assert len(pieces(browse, manager, zhang, "change")) == 1
