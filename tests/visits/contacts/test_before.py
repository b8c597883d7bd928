"""Before dialling: with whom and why, what is open, and the day that the plan says comes next."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client, Consent, ContactPerson, ContactPhone, Phone
from clients.relations.services import Contact, add_contact, end_contact
from crm import trading_days
from crm.models import AccessLog
from crm.trading_days import add, today
from staff.models import Absence, Employee
from tests.cast import Browse
from tests.factories import (
    CallbackFactory,
    ClientFactory,
    FundAccountFactory,
    MonthlyFigureFactory,
    OpportunityFactory,
    VisitFactory,
)
from visits.contacts.services import log_visit
from visits.models import Callback, CallbackPlan, Outcome, Purpose, Visit, VisitDraft
from visits.planning.planner import capacity_of

pytestmark = pytest.mark.django_db
NUMBER, OWN = "+8613812341234", "+8613900001111"


@pytest.fixture
def due(zhang: Client) -> Callback:
    phone = Phone(client=zhang, valid_from=today(), is_primary=True)
    phone.set_number(NUMBER)
    phone.save()
    return CallbackFactory(client=zhang)


@pytest.fixture
def wife(zhang: Client) -> ContactPerson:
    """Somebody with a number of her own."""
    return add_contact(client=zhang, contact=Contact("刘敏", "influences", "配偶", OWN))


def form(key: str = "talked", **more: Any) -> dict[str, Any]:
    outcome = Outcome.objects.get(key=key).pk
    return {"token": uuid.uuid4(), "outcome": outcome, "channel": "phone", **more}


# With whom and why ----------------------------------------------------------------------------------


def test_person_and_purpose_go_into_the_record_by_themselves(
    due: Callback, wife: ContactPerson, manager: Employee, browse: Browse
) -> None:
    browser, url = browse(manager), due.get_absolute_url()
    page = browser.get(url)
    text = page.content.decode()
    assert "刘敏 · 影响决策人 (配偶)" in text
    assert OWN[3:] not in text
    assert page.context["form"]["purpose"].value() == Purpose.LEARN
    assert page.context["chosen_person"] == ""
    chosen: dict[str, Any] = {"contact_person": wife.pk, "purpose": "image"}
    assert browser.post(url, form(notes="太太接的", **chosen)).status_code == 302
    visit = Visit.objects.get()
    assert (visit.contact_person, visit.spoke_with, visit.purpose) == (wife, "influences", "image")
    assert "刘敏" in browser.get(due.client.get_absolute_url()).content.decode()
    assert "刘敏 · 影响决策人" in browser.get(visit.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("kind", "purpose"),
    [("new_account", "be_known"), ("expiry", "action"), ("birthday", "image"), ("flow", "learn")],
)
def test_a_callback_says_what_it_is_for(
    kind: str, purpose: str, zhang: Client, manager: Employee, browse: Browse
) -> None:
    due = CallbackFactory(client=zhang, kind=kind)
    page = browse(manager).get(due.get_absolute_url())
    assert page.context["form"]["purpose"].value() == purpose


def test_of_an_organisation_one_means_who_decides(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    Client.objects.filter(pk=due.client_id).update(kind="organisation", title="")
    add_contact(client=due.client, contact=Contact("李秘书", "influences", "", ""))
    boss = add_contact(client=due.client, contact=Contact("赵总", "decides", "", ""))
    page = browse(manager).get(due.get_absolute_url())
    assert page.context["chosen_person"] == str(boss.pk)


def test_a_person_who_left_the_file_meanwhile_is_a_sentence_and_nothing_is_lost(
    due: Callback, wife: ContactPerson, zhou: Client, manager: Employee, browse: Browse
) -> None:
    browser, url = browse(manager), due.get_absolute_url()
    end_contact(contact=wife)
    other = add_contact(client=zhou, contact=Contact("别人", "decides", "", ""))
    for key in (wife.pk, other.pk, "x", "9" * 30):
        answer = browser.post(url, form(notes="写了很久", contact_person=key))
        assert answer.status_code == 422
        assert "已不在客户档案中" in answer.content.decode()
        assert "写了很久" in answer.content.decode()
    assert not Visit.objects.exists()
    with pytest.raises(Exception, match="不属于此客户"):
        log_visit(
            client=due.client,
            employee=manager,
            token=uuid.uuid4(),
            outcome=Outcome.objects.get(key="talked"),
            contact_person=other,
        )


def test_a_person_without_a_role_is_refused_by_the_table(wife: ContactPerson) -> None:
    with pytest.raises(IntegrityError, match="visit_person_has_a_role"), transaction.atomic():
        VisitFactory(client=wife.client, contact_person=wife)


def test_a_correction_keeps_whom_one_spoke_with(
    due: Callback, wife: ContactPerson, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    browser.post(due.get_absolute_url(), form(contact_person=wife.pk))
    end_contact(contact=wife)
    first = Visit.objects.get()
    url = f"{first.get_absolute_url()}correct/"
    assert browser.post(url, form(contact_person=wife.pk, notes="补充")).status_code == 302
    assert Visit.objects.get(corrects=first).contact_person == wife
    old = VisitFactory(client=due.client, spoke_with="proxy")
    assert browser.post(f"{old.get_absolute_url()}correct/", form(notes="补")).status_code == 302
    assert Visit.objects.get(corrects=old).spoke_with == "proxy"


def test_a_person_is_called_under_their_own_number(
    due: Callback, wife: ContactPerson, manager: Employee, browse: Browse
) -> None:
    browser, url = browse(manager), f"{due.get_absolute_url()}dial/"
    assert f"tel:{OWN}" in browser.post(url, {"contact_person": wife.pk}).content.decode()
    logged = AccessLog.objects.get()
    own = ContactPhone.objects.get(contact=wife)
    assert (logged.subject_type, logged.subject_id) == ("clients.contactphone", own.pk)
    assert logged.client_id == due.client_id
    # Without one, under the client's.
    plain = add_contact(client=due.client, contact=Contact("李秘书", "influences", "", ""))
    assert f"tel:{NUMBER}" in browser.post(url, {"contact_person": plain.pk}).content.decode()
    end_contact(contact=wife)
    answer = browser.post(url, {"contact_person": wife.pk})
    assert (answer.status_code, AccessLog.objects.count()) == (409, 2)


def test_a_persons_wrong_number_leaves_the_clients_alone(
    due: Callback, wife: ContactPerson, manager: Employee, browse: Browse
) -> None:
    browser, url = browse(manager), due.get_absolute_url()
    posted = form("wrong_number", contact_person=wife.pk, right_number="139 0000 1111")
    assert browser.post(url, posted).status_code == 422
    posted = form("wrong_number", contact_person=wife.pk, right_number="137 2222 3333")
    assert browser.post(url, posted).status_code == 302
    assert due.client.phones.filter(valid_to=None).count() == 1
    kept = ContactPhone.objects.get(contact=wife, valid_to=None)
    assert kept.number == "+8613722223333"


def test_nobody_is_called_about_products_without_consent(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser, url = browse(manager), due.get_absolute_url()
    assert "只做服务回访" in browser.get(url).content.decode()
    answer = browser.post(f"{url}dial/", {"purpose": "offer"})
    assert answer.status_code == 409
    assert "未同意电话推介" in answer.content.decode()
    assert not AccessLog.objects.exists()
    assert browser.post(f"{url}dial/", {"purpose": "learn"}).status_code == 200
    # What was said is on record all the same, with a word about it.
    answer = browser.post(url, form(purpose="offer"), follow=True)
    assert "已如实保存" in answer.content.decode()
    assert Visit.objects.get().purpose == "offer"
    Consent.objects.create(
        client=due.client,
        purpose="marketing",
        channel="phone",
        given_on=today(),
        proof="录音",
        recorded_by=manager,
    )
    again = CallbackFactory(client=due.client)
    url = again.get_absolute_url()
    assert browser.post(f"{url}dial/", {"purpose": "offer"}).status_code == 200
    assert "只做服务回访" not in browser.get(url).content.decode()


# Dialling from the client file ------------------------------------------------------------------------


def test_the_file_leads_to_the_callback_that_is_due_and_saving_leads_back(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser, file = browse(manager), due.client.get_absolute_url()
    assert f'href="{file}call/"' in browser.get(file).content.decode()
    CallbackFactory(client=due.client, due_on=add(today(), 5))
    answer = browser.get(f"{file}call/")
    assert answer["Location"] == f"{due.get_absolute_url()}?back=file"
    saved = browser.post(answer["Location"], form())
    assert saved["Location"] == file


def test_without_one_a_reason_is_asked_for_and_logged(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    Callback.objects.update(due_on=add(today(), 3))
    browser, file = browse(manager), due.client.get_absolute_url()
    assert browser.get(f"{file}call/")["Location"] == f"{file}record/"
    page = browser.get(f"{file}record/")
    assert 'name="reason"' in page.content.decode()
    for reason in ("", "  ", "长" * 201):
        answer = browser.post(f"{file}dial/", {"reason": reason})
        assert answer.status_code == 409
        assert NUMBER not in answer.content.decode()
    assert not AccessLog.objects.exists()
    answer = browser.post(f"{file}dial/", {"reason": "问中签缴款"})
    assert f"tel:{NUMBER}" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    logged = AccessLog.objects.get()
    assert (logged.reason, logged.action) == ("问中签缴款", "reveal")
    assert (logged.employee, logged.client_id) == (manager, due.client_id)
    assert browser.post(f"{file}record/", form())["Location"] == file


def test_who_must_not_be_called_is_not_called_from_the_file_either(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser, file = browse(manager), due.client.get_absolute_url()
    Client.objects.update(calls_refused=True)
    page = browser.get(f"{file}record/")
    assert 'name="reason"' not in page.content.decode()
    assert "谢绝来电" in page.content.decode()
    answer = browser.post(f"{file}dial/", {"reason": "有急事"})
    assert (answer.status_code, AccessLog.objects.count()) == (409, 0)
    Client.objects.update(calls_refused=False)
    Phone.objects.update(valid_to=today())
    answer = browser.post(f"{file}dial/", {"reason": "有急事"})
    assert answer.status_code == 409


def test_outsiders_and_readers_dial_nobody(
    due: Callback, colleague: Employee, compliance: Employee, manager: Employee, browse: Browse
) -> None:
    file = due.client.get_absolute_url()
    assert browse(manager).get(f"{file}dial/").status_code == 405
    assert browse(manager).post(f"{file}call/").status_code == 405
    assert browse(colleague).post(f"{file}dial/", {"reason": "看看"}).status_code == 404
    assert browse(compliance).post(f"{file}dial/", {"reason": "看看"}).status_code == 403
    assert browse(compliance).get(f"{file}call/").status_code == 403
    assert not AccessLog.objects.exists()
    assert f'href="{file}call/"' not in browse(compliance).get(file).content.decode()


# What comes next --------------------------------------------------------------------------------------


def _planned(client: Client) -> date:
    return Callback.objects.get(client=client, kind="cadence", status="open").due_on


@pytest.mark.parametrize("every", [1, 5, 9, 14, 31, 63])
@pytest.mark.parametrize("shift", ["after", "before"])
def test_the_button_names_the_day_that_the_planner_gives(
    every: int, shift: str, due: Callback, manager: Employee, browse: Browse
) -> None:
    CallbackPlan.objects.filter(segment=due.client.segment).update(
        every=every, unit="day", shift=shift, window_days=6
    )
    browser, url = browse(manager), due.get_absolute_url()
    regular = browser.get(url).context["regular"]
    assert trading_days.is_trading_day(regular.day)
    assert f"{regular.day:%m-%d} 回访" in browser.get(url).content.decode()
    assert browser.post(url, form(next_step="none")).status_code == 302
    assert _planned(due.client) == regular.day


def test_it_gives_way_to_absences_and_full_days_as_the_planner_does(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    CallbackPlan.objects.filter(segment=due.client.segment).update(
        every=14, unit="day", window_days=10
    )
    natural = trading_days.on_or_after(today() + timedelta(days=14))
    Absence.objects.create(
        employee=manager, starts_on=natural, ends_on=natural, reason="年假", entered_by=manager
    )
    full = add(natural, 1)
    other = ClientFactory(manager=manager)
    CallbackFactory.create_batch(capacity_of(manager), client=other, due_on=full)
    browser, url = browse(manager), due.get_absolute_url()
    shown = browser.get(url)
    regular = shown.context["regular"]
    assert (regular.day, regular.moved) == (add(natural, 2), True)
    assert "顺延" in shown.content.decode()
    browser.post(url, form(next_step="none"))
    assert _planned(due.client) == regular.day


def test_a_whole_window_away_goes_to_the_substitute(
    due: Callback, manager: Employee, colleague: Employee, browse: Browse
) -> None:
    CallbackPlan.objects.filter(segment=due.client.segment).update(
        every=14, unit="day", window_days=3
    )
    Absence.objects.create(
        employee=manager,
        substitute=colleague,
        starts_on=today() + timedelta(days=10),
        ends_on=today() + timedelta(days=40),
        reason="年假",
        entered_by=manager,
    )
    browser, url = browse(manager), due.get_absolute_url()
    regular = browser.get(url).context["regular"]
    browser.post(url, form(next_step="none"))
    assert _planned(due.client) == regular.day
    assert not regular.moved


def test_without_a_plan_no_day_is_promised(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    CallbackPlan.objects.filter(segment=due.client.segment).update(every=None)
    shown = browse(manager).get(due.get_absolute_url())
    assert shown.context["regular"] is None
    assert "无定期回访" in shown.content.decode()


def test_what_is_chosen_is_saved_with_the_contact_or_neither_is(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser, url = browse(manager), due.get_absolute_url()
    wrong = [
        {"next_step": "call_again"},
        {"next_step": "meet", "next_step_on": "2026-02-31"},
        {"next_step": "call_again", "next_step_on": "2001-01-01"},
        {"next_step": "call_again", "next_step_on": today().isoformat()},
        {"next_step": "none", "next_step_on": add(today(), 3).isoformat()},
        {"next_step": "fly"},
    ]
    for given in wrong:
        answer = browser.post(url, form(notes="写了很久", **given))
        assert answer.status_code == 422, given
        assert "写了很久" in answer.content.decode()
        assert not Visit.objects.exists()
        due.refresh_from_db()
        assert due.status == "open"
    day = add(today(), 4)
    given = {"next_step": "call_again", "next_step_on": day.isoformat()}
    assert browser.post(url, form(**given)).status_code == 302
    promise = Callback.objects.get(kind="promise")
    assert (promise.due_on, Visit.objects.get().next_step_on) == (day, day)


def test_a_step_that_the_outcome_proposes_brings_its_own_date(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    posted = form("no_answer", next_step="call_again")
    assert browse(manager).post(due.get_absolute_url(), posted).status_code == 302
    assert Visit.objects.get().next_step_on == add(today(), 1)


# What is open -----------------------------------------------------------------------------------------


def test_it_tells_what_is_open(due: Callback, manager: Employee, browse: Browse) -> None:
    client = due.client
    account = FundAccountFactory(client=client)
    month = today().replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    MonthlyFigureFactory(account=account, month=month, assets=250_000)
    MonthlyFigureFactory(account=account, month=before, assets=200_000)
    Client.objects.update(risk_grade="C2", risk_expires_on=today() + timedelta(days=10))
    late = CallbackFactory(client=client, due_on=today() - timedelta(days=9), reason="补签协议")
    secret = CallbackFactory(client=client, reason="不可见", confidential=True)
    said = VisitFactory(client=client, suggestions="希望多办讲座", satisfaction_service=4)
    opportunity = OpportunityFactory(
        client=client, kind="sale", next_step="寄合同", next_step_on=today() - timedelta(days=2)
    )
    page = browse(manager).get(due.get_absolute_url())
    text = page.content.decode()
    for words in ("¥25 万", "▲ ¥5 万 (25.00%)", "补签协议", "希望多办讲座", "寄合同", "风险测评"):
        assert words in text, words
    assert late.get_absolute_url() in text
    assert f"{said.get_absolute_url()}suggestion/" in text
    assert opportunity.get_absolute_url() in text
    assert secret.get_absolute_url() not in text
    assert "不可见" not in text


def test_figures_of_one_month_alone_show_no_change(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    MonthlyFigureFactory(account=FundAccountFactory(client=due.client))
    found = browse(manager).get(due.get_absolute_url()).context["found"]
    assert (found.assets, found.change) == ("¥20 万", "")


def test_it_costs_the_same_with_much_that_is_open(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser, counts = browse(manager), []
    for url in (due.get_absolute_url(), f"{due.client.get_absolute_url()}record/"):
        browser.get(url)
    for _round in range(2):
        for url in (due.get_absolute_url(), f"{due.client.get_absolute_url()}record/"):
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(url).status_code == 200
            counts.append(len(queries))
        for n in range(4):
            add_contact(client=due.client, contact=Contact(f"人{n}", "proxy", "", ""))
            CallbackFactory(client=due.client, due_on=add(today(), -n))
            VisitFactory(client=due.client, suggestions="建议")
            MonthlyFigureFactory(account=FundAccountFactory(client=due.client))
    assert counts[:2] == counts[2:], counts


# Script and draft ---------------------------------------------------------------------------------------


def test_another_script_can_be_chosen(due: Callback, manager: Employee, browse: Browse) -> None:
    browser, url = browse(manager), due.get_absolute_url()
    usual = browser.get(url).context["version"]
    listed = browser.get(
        f"{due.client.get_absolute_url()}scripts/?row=1", headers={"hx-request": "true"}
    )
    links = dict(listed.context["wordings"])
    assert "合规" not in listed.content.decode()
    other = next(link for link in links if not link.endswith(f"script={usual.pk}"))
    assert other.startswith("?row=1&script=")
    browser.post(f"{url}draft/", form(notes="先写的", version=usual.pk))
    page = browser.get(f"{url}{other}")
    assert str(page.context["version"].pk) == other.rpartition("=")[2]
    assert "先写的" in page.content.decode()
    for gone in ("0", "x", "9" * 30):
        page = browser.get(f"{url}?script={gone}")
        assert page.context["version"] == usual
        assert "已停用" in page.content.decode()


def test_the_step_one_is_at_is_kept_in_the_draft(
    due: Callback, wife: ContactPerson, manager: Employee, browse: Browse
) -> None:
    browser, url = browse(manager), due.get_absolute_url()
    browser.post(f"{url}draft/", form(at_step="3", contact_person=wife.pk))
    assert VisitDraft.objects.get().data["at_step"] == ["3"]
    page = browser.get(url)
    assert 'name="at_step" value="3"' in " ".join(page.content.decode().split())
    assert page.context["chosen_person"] == str(wife.pk)
    assert browser.post(url, form(at_step="3")).status_code == 302


def test_why_this_day_opens_beside_the_callback(
    due: Callback, manager: Employee, colleague: Employee, browse: Browse
) -> None:
    url = f"{due.get_absolute_url()}why/"
    part = browse(manager).get(url, headers={"hx-request": "true"}).content.decode()
    assert "<ol" in part
    assert "<html" not in part
    for page in (due.get_absolute_url(), due.client.get_absolute_url(), "/today/"):
        assert f'hx-get="{url}"' in browse(manager).get(page).content.decode(), page
    assert browse(colleague).get(url, headers={"hx-request": "true"}).status_code == 404


def test_last_words_are_told_with_satisfaction(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    at = timezone.now() - timedelta(days=3)
    VisitFactory(client=due.client, occurred_at=at, notes="问了定投", satisfaction_information=5)
    page = browse(manager).get(due.get_absolute_url()).content.decode()
    assert "问了定投" in page
    assert "资讯 5" in page
