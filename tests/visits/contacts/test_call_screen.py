"""The call screen in depth: drafts, typed answers, greeting, attempts, two people at once."""

import re
import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from clients.models import Client, ContactPerson, Phone
from crm import trading_days
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory, VisitFactory
from visits.contacts import drafts
from visits.contacts.forms import VisitForm
from visits.models import Callback, CallbackPlan, Outcome, PhraseFlag, ScriptStep, Visit, VisitDraft
from visits.salutation import called, greeting

pytestmark = pytest.mark.django_db


@pytest.fixture
def due(zhang: Client) -> Callback:
    return CallbackFactory(client=zhang)


def form(key: str = "talked", **more: Any) -> dict[str, Any]:
    outcome = Outcome.objects.get(key=key).pk
    return {"token": uuid.uuid4(), "outcome": outcome, "channel": "phone", **more}


def test_a_draft_comes_back_to_its_author_alone_and_goes_with_saving(
    due: Callback, manager: Employee, head: Employee, browse: Browse
) -> None:
    browser, url = browse(manager), due.get_absolute_url()
    assert browser.get(f"{url}draft/").status_code == 405
    data = form(notes="说到一半𠮷😀")
    assert browser.post(f"{url}draft/", data).status_code == 200
    page = browser.get(url)
    assert "说到一半𠮷😀" in page.content.decode()
    assert str(page.context["form"]["token"].value()) == str(data["token"])
    assert "说到一半" not in browse(head).get(url).content.decode()
    assert browser.post(url, data).status_code == 302
    assert not VisitDraft.objects.exists()
    # One that was on its way while the contact was saved does not come back to life.
    assert browser.post(f"{url}draft/", data).status_code == 409
    assert not VisitDraft.objects.exists()


def test_outsiders_and_readers_keep_no_draft_and_too_much_is_refused(
    due: Callback,
    manager: Employee,
    colleague: Employee,
    compliance: Employee,
    browse: Browse,
) -> None:
    for url in (due.get_absolute_url(), due.client.get_absolute_url()):
        assert browse(colleague).post(f"{url}draft/", form()).status_code == 404
        assert browse(compliance).post(f"{url}draft/", form()).status_code == 403
        assert browse(manager).post(f"{url}draft/", {"x": "1"}).status_code == 422
        assert browse(manager).post(f"{url}draft/", {"notes": "长" * 100_001}).status_code == 413
    assert not VisitDraft.objects.exists()


def test_a_draft_is_discarded_and_old_ones_go(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser, url = browse(manager), f"{due.get_absolute_url()}draft/"
    browser.post(url, form())
    assert browser.post(url, {"discard": "1"})["Location"] == due.get_absolute_url()
    assert not VisitDraft.objects.exists()
    browser.post(url, form())
    assert drafts.delete_old() == 0
    assert drafts.delete_old(timezone.now() + timedelta(days=31)) == 1


def test_of_two_people_one_wins_and_the_others_words_become_a_contact(
    due: Callback, manager: Employee, head: Employee, browse: Browse
) -> None:
    url = due.get_absolute_url()
    second = form(notes="我也打通了")
    assert browse(head).post(url, form()).status_code == 302
    browser = browse(manager)
    browser.post(f"{url}draft/", second)
    answer = browser.post(url, second)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "我也打通了" in page
    assert str(head) in page
    record = f"{due.client.get_absolute_url()}record/"
    assert f'action="{record}"' in page
    assert browser.post(record, second).status_code == 302
    visit = Visit.objects.get(employee=manager)
    assert (visit.notes, visit.callback) == ("我也打通了", None)
    assert not VisitDraft.objects.exists()


def test_too_long_a_note_is_a_sentence_and_nothing_is_lost(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    notes = "话" * 10_000
    answer = browse(manager).post(due.get_absolute_url(), form(notes=notes))
    assert answer.status_code == 422
    assert notes in answer.content.decode()
    assert "10000" in answer.content.decode()
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("5万", "50000"),
        ("５０，０００", "50000"),
        ("12.50元", "12.50"),
        ("很多", None),
        ("-1", None),
    ],
)
def test_amounts_are_understood_as_people_write_them(
    given: str, kept: str | None, due: Callback, manager: Employee, browse: Browse
) -> None:
    step = ScriptStep.objects.filter(answer="amount").first()
    assert step is not None
    made = VisitForm(form(**{f"answer_{step.pk}": given}), steps=[step])
    assert made.is_valid() is (kept is not None)
    if kept is not None:
        assert made.given() == {step.position: kept}


def test_an_answer_that_the_script_does_not_offer_is_refused(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    shown = browser.get(due.get_absolute_url()).context
    step = next(step for step, _ in shown["prompts"] if step.answer == "choice")
    data = form(version=shown["version"].pk, **{f"answer_{step.pk}": "随便"})
    assert browser.post(due.get_absolute_url(), data).status_code == 422


def test_a_step_says_which_answer_it_waits_for(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    page = browse(manager).get(due.get_absolute_url()).content.decode()
    assert 'data-if-step="4" data-if-values="亏损"' in page


@pytest.mark.parametrize(
    ("name", "title", "said"),
    [
        ("王伟", "mr", "王先生"),
        ("欧阳娜娜", "ms", "欧阳女士"),
        ("王伟", "", "王伟"),
        ("𠮷川", "mr", "𠮷先生"),
    ],
)
def test_one_greets_with_surname_and_title(zhang: Client, name: str, title: str, said: str) -> None:
    zhang.name, zhang.title = name, title
    with override("zh-hans"):
        assert called(zhang) == said
        at = datetime(2026, 6, 10, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
        assert said in greeting(zhang, at)


def test_of_an_organisation_one_asks_for_who_decides(zhang: Client) -> None:
    zhang.kind = "organisation"
    assert called(zhang) == zhang.name
    for name, role in (("李秘书", "influences"), ("赵总", "decides")):
        ContactPerson.objects.create(client=zhang, name=name, role=role, valid_from=today())
    assert called(zhang) == "赵总"


def test_the_third_attempt_waits_longer_and_proposes_another_channel(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser, url = browse(manager), due.get_absolute_url()
    for n in range(1, 4):
        assert not browser.get(url).context["tried"].advice
        assert browser.post(url, form("no_answer")).status_code == 302
        due.refresh_from_db()
        assert (due.attempts, due.status) == (n, "open")
        wait = 5 if n == 3 else 1
        assert due.due_on == trading_days.add(today(), wait)
    shown = browser.get(url).context
    assert shown["tried"].advice
    assert shown["form"]["channel"].value() == "wechat"
    Callback.objects.filter(pk=due.pk).update(due_on=today())
    assert shown["tried"].advice in browser.get("/today/").content.decode()


def test_banned_phrases_in_notes_are_marked_not_refused(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    data = form(notes="客户问能不能保 本，十分成功")
    assert browse(manager).post(due.get_absolute_url(), data).status_code == 302
    flag = PhraseFlag.objects.get()
    assert flag.phrase.phrase == "保本"
    page = browse(manager).get(flag.visit.get_absolute_url()).content.decode()
    assert "《证券法》" in page


def test_it_costs_the_same_with_many_visits(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser, counts = browse(manager), []
    browser.get(due.get_absolute_url())
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(due.get_absolute_url()).status_code == 200
        counts.append(len(queries))
        for _ in range(10):
            VisitFactory(client=due.client)
    assert counts[0] == counts[1]
    assert counts[0] <= 22, counts


def test_it_takes_a_logged_dial_for_a_call_though_the_plan_says_meeting(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    plan = CallbackPlan.objects.get(segment=due.client.segment)
    CallbackPlan.objects.filter(pk=plan.pk).update(channel="in_person")
    Callback.objects.filter(pk=due.pk).update(plan=plan)
    browser, url = browse(manager), due.get_absolute_url()
    phone = Phone(client=due.client, valid_from=today(), is_primary=True)
    phone.set_number("+8613800138000")
    phone.save()

    def channel() -> object:
        return browser.get(url).context["form"]["channel"].value()

    assert channel() == "in_person"
    answer = browser.post(f"{url}dial/", headers={"hx-request": "true"})
    page = answer.content.decode()
    # The control on the page is replaced, with the telephone chosen.
    assert re.search(r'<select name="channel"[^>]*hx-swap-oob="true"', page), page
    assert 'value="phone" selected' in page
    assert channel() == "phone"
    # What the person chooses after the call stays.
    browser.post(f"{url}draft/", form(channel="wechat", notes="已加微信"))
    assert channel() == "wechat"
    assert browser.post(url, form(channel="in_person")).status_code == 302
    assert Visit.objects.get().channel == "in_person"
