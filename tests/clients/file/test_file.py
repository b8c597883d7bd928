"""The client file: facts, segment and its history, who serves, and the reveal of a number."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.file.services import (
    Assessed,
    IdentityDocument,
    add_risk_assessment,
    set_identity,
    set_phones,
)
from clients.file.services import pin_segment as pin
from clients.models import Client, Phone, Segment
from crm.models import AccessLog
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse

pytestmark = pytest.mark.django_db

NUMBER = "+8613812341234"
CARD = "11010519491231002X"


@pytest.fixture
def phone(zhang: Client) -> Phone:
    set_phones(client=zhang, numbers=[NUMBER])
    return zhang.phones.get()


def reveal_url(client: Client, phone: Phone) -> str:
    return f"{client.get_absolute_url()}reveal/phone/{phone.pk}/"


def test_it_shows_the_file_masked(browse: Browse, zhang: Client, manager: Employee) -> None:
    set_phones(client=zhang, numbers=[NUMBER])
    set_identity(client=zhang, identity=IdentityDocument("id_card", CARD))
    page = browse(manager).get(zhang.get_absolute_url()).content.decode()
    assert "138****1234" in page
    assert "110***********002X" in page
    assert NUMBER[3:] not in page
    assert CARD not in page
    assert f'href="{zhang.get_absolute_url()}edit/"' in page


@pytest.mark.parametrize(
    ("days", "tone", "state"),
    [
        (-1, "late", "已过期 1 天"),
        (0, "warn", "今天到期"),
        (29, "warn", "29 天后到期"),
        (31, "", ""),
    ],
)
def test_it_warns_of_a_risk_grade_that_expires(
    browse: Browse, zhang: Client, manager: Employee, days: int, tone: str, state: str
) -> None:
    expires = today() + timedelta(days=days)
    assessed = Assessed("C3", today() - timedelta(days=600), expires)
    add_risk_assessment(client=zhang, assessed=assessed)
    shown = browse(manager).get(zhang.get_absolute_url()).context["suitability"]
    assert (shown.grade[:2], shown.until, shown.state, shown.tone) == (
        "C3",
        expires.isoformat(),
        state,
        tone,
    )


def test_a_missing_risk_grade_is_warned_of_once_there_is_an_account(
    browse: Browse, zhang: Client, zhou: Client, manager: Employee
) -> None:
    shown = browse(manager).get(zhang.get_absolute_url()).context["suitability"]
    assert (shown.tone, shown.until) == ("warn", "")
    assert browse(manager).get(zhou.get_absolute_url()).context["suitability"] is None


def test_it_shows_the_ban_for_delegating_prospects(
    browse: Browse, zhou: Client, manager: Employee
) -> None:
    for type_, banned in (("delegating", True), ("advisory", False)):
        Client.objects.filter(pk=zhou.pk).update(prospect_type=type_)
        shown = browse(manager).get(zhou.get_absolute_url(), HTTP_ACCEPT_LANGUAGE="en")
        assert bool(shown.context["guidance"]["ban"]) == banned
        assert ("134" in shown.content.decode()) == banned


def test_it_says_which_decision_set_the_segment(
    browse: Browse, zhang: Client, head: Employee
) -> None:
    private = Segment.objects.get(key="private")
    pin(client=zhang, segment=private, reason="家庭资产待转入", by=head)
    answer = browse(head).get(f"{zhang.get_absolute_url()}history/")
    first = answer.context["history"][0]
    assert (first.segment, first.day) == (str(private), today())
    assert "家庭资产待转入" in first.why
    assert head.full_name in first.why


def test_its_history_names_who_served_and_won(
    browse: Browse, zhang: Client, manager: Employee
) -> None:
    page = browse(manager).get(f"{zhang.get_absolute_url()}history/").content.decode()
    assert page.count(manager.full_name) >= 2


def test_it_says_who_serves(
    browse: Browse, zhang: Client, head: Employee, manager: Employee
) -> None:
    browser = browse(head)
    assert manager.full_name in browser.get(zhang.get_absolute_url()).content.decode()
    Client.objects.filter(pk=zhang.pk).update(manager=None)
    assert "crm-pill-warn" in browser.get(zhang.get_absolute_url()).content.decode()


def test_it_takes_a_constant_number_of_queries(
    browse: Browse, zhang: Client, head: Employee, manager: Employee
) -> None:
    browser = browse(head)
    browser.get(zhang.get_absolute_url())
    counts = []
    for numbers in (["+8613812341234"], ["+8613812341234", "+8613912345678"]):
        set_phones(client=zhang, numbers=numbers)
        with CaptureQueriesContext(connection) as queries:
            browser.get(zhang.get_absolute_url())
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 16 + 3  # savepoint twice and the name of the employee apart


def test_outsiders_find_nothing(
    browse: Browse, zhang: Client, colleague: Employee, stranger: Employee, operations: Employee
) -> None:
    for person in (colleague, stranger, operations):
        assert browse(person).get(zhang.get_absolute_url()).status_code == 404


def test_compliance_reads_without_ways_to_change(
    browse: Browse, zhang: Client, phone: Phone, compliance: Employee
) -> None:
    answer = browse(compliance).get(zhang.get_absolute_url())
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "/edit/" not in page
    assert "/reveal/" not in page


def test_a_reveal_is_logged_and_answers_with_this_number_only(
    browse: Browse, zhang: Client, phone: Phone, manager: Employee
) -> None:
    answer = browse(manager).post(
        reveal_url(zhang, phone), {"reason": "客户来电核对"}, headers={"HX-Request": "true"}
    )
    assert answer.content.decode() == f"<strong>{NUMBER}</strong>"
    assert "no-store" in answer["Cache-Control"]
    entry = AccessLog.objects.get()
    assert (entry.employee, entry.action, entry.reason) == (manager, "reveal", "客户来电核对")
    assert (entry.subject_type, entry.subject_id, entry.client_id) == ("phone", phone.pk, zhang.pk)
    plain = browse(manager).post(reveal_url(zhang, phone), {"reason": "客户来电核对"})
    assert NUMBER in plain.content.decode()


def test_a_reveal_without_a_reason_shows_and_logs_nothing(
    browse: Browse, zhang: Client, phone: Phone, manager: Employee
) -> None:
    for reason in ("", "   ", "x" * 201):
        answer = browse(manager).post(reveal_url(zhang, phone), {"reason": reason})
        assert answer.status_code == 400
        assert NUMBER not in answer.content.decode()
    assert not AccessLog.objects.exists()


def test_a_reveal_is_refused_to_everybody_else(
    browse: Browse,
    zhang: Client,
    zhou: Client,
    phone: Phone,
    manager: Employee,
    colleague: Employee,
    compliance: Employee,
) -> None:
    reason = {"reason": "好奇"}
    assert browse(colleague).post(reveal_url(zhang, phone), reason).status_code == 404
    assert browse(compliance).post(reveal_url(zhang, phone), reason).status_code == 403
    assert browse(manager).get(reveal_url(zhang, phone)).status_code == 405
    # A number of another client, through one's own; an address of no such kind; an old number.
    assert browse(manager).post(reveal_url(zhou, phone), reason).status_code == 404
    other = reveal_url(zhang, phone).replace("/phone/", "/visit/")
    assert browse(manager).post(other, reason).status_code == 404
    set_phones(client=zhang, numbers=["+8613912345678"])
    assert browse(manager).post(reveal_url(zhang, phone), reason).status_code == 404
    assert not AccessLog.objects.exists()
