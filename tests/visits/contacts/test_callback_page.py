"""The call screen: script and form, saving, dialling, putting off and cancelling."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from clients.models import Client, Phone
from crm.models import AccessLog
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory
from visits.models import Callback, Outcome, Visit

pytestmark = pytest.mark.django_db
NUMBER = "+8613812341234"


@pytest.fixture
def due(zhang: Client) -> Callback:
    phone = Phone(client=zhang, valid_from=today())
    phone.set_number(NUMBER)
    phone.save()
    return CallbackFactory(client=zhang)


def form(key: str = "talked", **more: Any) -> dict[str, Any]:
    outcome = Outcome.objects.get(key=key).pk
    return {"token": uuid.uuid4(), "outcome": outcome, "channel": "phone", **more}


def test_it_shows_the_script_and_no_number(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    answer = browse(manager).get(due.get_absolute_url())
    page = answer.content.decode()
    assert answer.context["version"].script.key == "small_conservative"
    assert "138****1234" in page
    assert "13812341234" not in page


def test_a_new_account_has_its_own_script(zhang: Client, manager: Employee, browse: Browse) -> None:
    row = CallbackFactory(client=zhang, kind="new_account")
    answer = browse(manager).get(row.get_absolute_url())
    assert answer.context["version"].script.key == "new_account"


def test_saving_keeps_answers_as_they_were_asked(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    shown = browser.get(due.get_absolute_url()).context
    step = next(step for step, _ in shown["prompts"] if step.answer == "text")
    data = form(
        satisfaction_service="5",
        version=shown["version"].pk,
        **{f"answer_{step.pk}": "长期"},
    )
    assert browser.post(due.get_absolute_url(), data)["Location"] == "/today/"
    visit = Visit.objects.get()
    assert visit.answers == [{"step": step.title_zh, "prompt": step.prompt, "answer": "长期"}]
    assert (visit.satisfaction_service, visit.callback, visit.employee) == (5, due, manager)
    due.refresh_from_db()
    assert due.status == "done"


def test_a_form_posted_twice_is_one_visit(due: Callback, manager: Employee, browse: Browse) -> None:
    data = form()
    for _ in range(2):
        assert browse(manager).post(due.get_absolute_url(), data).status_code == 302
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": ""},
        {"outcome": "999999"},
        {"satisfaction_service": "6"},
        {"channel": "pigeon"},
        {"token": "x"},
        {"next_step": "meet", "next_step_on": "2001-01-01"},
        {"next_step": "meet", "next_step_on": "9999-12-31"},
        {"next_step_on": "tomorrow"},
        {"occurred_at": "2999-01-01T10:00"},
    ],
)
def test_bad_input_is_refused_and_kept(
    wrong: dict[str, str], due: Callback, manager: Employee, browse: Browse
) -> None:
    answer = browse(manager).post(
        due.get_absolute_url(), {**form(), "notes": "写了很久的话", **wrong}
    )
    assert answer.status_code == 422
    assert "写了很久的话" in answer.content.decode()
    assert not Visit.objects.exists()


def test_a_closed_callback_takes_no_second_visit(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    browser.post(due.get_absolute_url(), form())
    assert browser.post(due.get_absolute_url(), form()).status_code == 409
    assert Visit.objects.count() == 1


def test_delegating_prospects_show_the_ban(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    Client.objects.filter(pk=due.client_id).update(prospect_type="delegating")
    assert browse(manager).get(due.get_absolute_url()).context["warnings"]


def test_dialling_is_logged_and_answers_with_this_number_alone(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    answer = browse(manager).post(f"{due.get_absolute_url()}dial/")
    assert f"tel:{NUMBER}" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    entry = AccessLog.objects.get()
    assert (entry.employee, entry.action, entry.client_id) == (manager, "dial", due.client_id)
    assert str(due.public_id) in entry.reason


def test_dialling_from_a_closed_callback_is_refused(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    browser.post(due.get_absolute_url(), form())
    answer = browser.post(f"{due.get_absolute_url()}dial/")
    assert answer.status_code == 409
    assert "13812341234" not in answer.content.decode()
    assert not AccessLog.objects.exists()


def test_snoozing_and_cancelling_ask_for_a_reason(
    due: Callback, manager: Employee, browse: Browse
) -> None:
    browser = browse(manager)
    until = (today() + timedelta(days=5)).isoformat()
    for path, data in (("snooze", {"until": until}), ("cancel", {}), ("snooze", {})):
        assert browser.post(f"{due.get_absolute_url()}{path}/", data).status_code == 422
    assert (
        browser.post(
            f"{due.get_absolute_url()}snooze/", {"until": until, "reason": "出差"}
        ).status_code
        == 302
    )
    due.refresh_from_db()
    assert due.due_on.isoformat() >= until
    browser.post(f"{due.get_absolute_url()}cancel/", {"reason": "客户出国"})
    due.refresh_from_db()
    assert due.status == "cancelled"


@pytest.mark.parametrize("path", ["", "dial/", "snooze/", "cancel/"])
def test_outsiders_find_nothing_and_readers_change_nothing(
    path: str,
    due: Callback,
    colleague: Employee,
    stranger: Employee,
    compliance: Employee,
    browse: Browse,
) -> None:
    url = f"{due.get_absolute_url()}{path}"
    until = (today() + timedelta(days=5)).isoformat()
    data = {**form(), "until": until, "reason": "出差"}
    for outsider in (colleague, stranger):
        assert browse(outsider).post(url, data).status_code == 404
    assert browse(compliance).post(url, data).status_code == 403
    due.refresh_from_db()
    assert (due.status, due.due_on) == ("open", today())
    assert not Visit.objects.exists()
    assert not AccessLog.objects.exists()


def test_compliance_reads_without_a_form(
    due: Callback, compliance: Employee, browse: Browse
) -> None:
    answer = browse(compliance).get(due.get_absolute_url())
    assert answer.status_code == 200
    assert answer.context["form"] is None


def test_wrong_methods_are_refused(due: Callback, manager: Employee, browse: Browse) -> None:
    assert browse(manager).get(f"{due.get_absolute_url()}dial/").status_code == 405
    assert browse(manager).put(due.get_absolute_url()).status_code == 405
