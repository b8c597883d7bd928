"""One after another: from saved to next without a way back; skipping, postponing, and what is left."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from clients.models import Client
from crm.trading_days import add, today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory
from visits.models import Callback, Outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(zhang: Client, zhou: Client, manager: Employee) -> list[Callback]:
    """Late, due today, and due today after it."""
    return [
        CallbackFactory(client=zhang, due_on=add(today(), -3)),
        CallbackFactory(client=zhou, occurrence="second"),
        CallbackFactory(client=zhang, occurrence="third"),
    ]


def saved(**more: Any) -> dict[str, Any]:
    outcome = Outcome.objects.get(key="talked")
    return {
        "token": str(uuid.uuid4()),
        "outcome": outcome.pk,
        "channel": "phone",
        "purpose": "learn",
        "next_step": "none",
        **more,
    }


def url(callback: Callback) -> str:
    return f"{callback.get_absolute_url()}?row=1"


def test_today_begins_it_with_what_is_latest(
    three: list[Callback], manager: Employee, browse: Browse
) -> None:
    resting = CallbackFactory(
        client=three[0].client,
        occurrence="rests",
        due_on=add(today(), -5),
        rests_until=timezone.now() + timedelta(hours=3),
    )
    answer = browse(manager).get("/today/")
    work = answer.context["work"]
    assert (work.first_url, work.in_a_row) == (three[0].get_absolute_url(), 3)
    assert work.first_url != resting.get_absolute_url()
    assert url(three[0]) in answer.content.decode()


def test_saving_leads_to_the_next_until_nothing_is_due(
    three: list[Callback], manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    page = browser.get(url(three[0]))
    assert page.context["row"].left == 2
    assert "保存并下一位" in page.content.decode()
    for here, there in ((0, 1), (1, 2)):
        answer = browser.post(url(three[here]), saved())
        assert (answer.status_code, answer["Location"]) == (302, url(three[there]))
    answer = browser.post(url(three[2]), saved())
    assert answer["Location"] == "/today/"
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    assert any("已全部完成" in text for text in said)


def test_what_is_skipped_stays_and_is_told_at_the_end(
    three: list[Callback], manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    assert browser.get(url(three[0])).context["row"].next_url == url(three[1])
    assert browser.get(url(three[1])).context["row"].next_url == url(three[2])
    last = browser.get(url(three[2])).context["row"]
    assert (last.left, last.next_url) == (0, "/today/")
    answer = browser.post(url(three[2]), saved())
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    assert any("2" in text and "跳过" in text for text in said)
    assert Callback.objects.filter(status="open", due_on__lte=today()).count() == 2


def test_postponing_goes_on_too(three: list[Callback], manager: Employee, browse: Browse) -> None:
    browser = browse(manager)
    address = f"{three[0].get_absolute_url()}snooze/?row=1"
    assert address in browser.get(url(three[0])).content.decode()
    until = add(today(), 2).isoformat()
    answer = browser.post(address, {"known": "", "reason": "客户开会", "until": until})
    assert (answer.status_code, answer["Location"]) == (302, url(three[1]))


def test_without_a_row_saving_leads_to_today(
    three: list[Callback], manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    assert browser.get(three[0].get_absolute_url()).context["row"] is None
    assert browser.post(three[0].get_absolute_url(), saved())["Location"] == "/today/"


def test_a_wrong_form_stays_where_it_is(
    three: list[Callback], manager: Employee, browse: Browse
) -> None:
    answer = browse(manager).post(url(three[0]), saved(outcome=""))
    assert answer.status_code == 422
    assert answer.context["row"].left == 2
    assert Callback.objects.filter(status="open").count() == 3


def test_one_that_was_handed_on_meanwhile_is_a_sentence_and_not_a_dead_end(
    three: list[Callback], manager: Employee, colleague: Employee, browse: Browse
) -> None:
    Client.objects.filter(pk=three[1].client_id).update(manager=colleague)
    Callback.objects.filter(pk=three[1].pk).update(employee=colleague)
    browser = browse(manager)
    answer = browser.get(url(three[1]), follow=True)
    # On to the one behind it, and not back to the beginning of the day.
    assert answer.redirect_chain == [(url(three[2]), 302)]
    assert "已不归您" in answer.content.decode()
    assert browser.get(three[1].get_absolute_url()).status_code == 404
    # Asked anew, the row goes past it.
    assert browser.get(url(three[0])).context["row"].next_url == url(three[2])
    # One that never was begins the row anew; of the last one it leads to Today.
    nothing = f"/callbacks/{uuid.uuid4()}/?row=1"
    assert browser.get(nothing)["Location"] == url(three[0])
    Callback.objects.filter(pk=three[2].pk).update(status="cancelled", cancelled_because="person")
    assert browser.get(url(three[1]))["Location"] == "/today/"


def test_one_saves_and_stops(three: list[Callback], manager: Employee, browse: Browse) -> None:
    browser = browse(manager)
    page = browser.get(url(three[1]))
    row = page.context["row"]
    assert (row.place, row.all, row.name) == (2, 3, three[2].client.salutation)
    assert browser.post(url(three[1]), saved(stop="1"))["Location"] == "/today/"


def test_nobody_walks_in_the_row_of_another(
    three: list[Callback], head: Employee, browse: Browse
) -> None:
    row = browse(head).get(url(three[0])).context["row"]
    assert (row.left, row.next_url) == (0, "/today/")
