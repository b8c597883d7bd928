"""Consent and contact wishes: with proof, at once, and heeded by dialling and planning."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db.models import F

from clients.file.services import set_phones
from clients.models import Client, Consent
from crm.models import AccessLog
from crm.trading_days import today
from staff.models import Employee
from tests.cast import Browse
from tests.factories import CallbackFactory
from visits.models import Callback
from visits.planning.planner import plan_callbacks

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")


def wishes(client: Client, **values: Any) -> dict[str, Any]:
    client.refresh_from_db()
    return {"seen": client.version, "contact_note": "", **values}


def test_a_consent_is_recorded_with_its_proof_and_withdrawn(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    browser, url = browse(manager), f"{zhang.get_absolute_url()}consents/"
    given = {"purpose": "marketing", "channel": "wechat", "given_on": today(), "proof": "纸质协议"}
    assert browser.post(f"{url}give/", given).status_code == 302
    consent = Consent.objects.get(client=zhang)
    assert consent.recorded_by == manager
    assert "纸质协议" in browser.get(url).content.decode()
    assert browser.post(f"{url}give/", given).status_code == 422
    withdraw = f"{url}{consent.pk}/withdraw/"
    assert browser.post(withdraw, {"how": ""}).status_code == 400
    assert browser.post(withdraw, {"how": "电话中表示"}).status_code == 302
    assert browser.post(withdraw, {"how": "电话中表示"}).status_code == 409
    consent.refresh_from_db()
    assert (consent.withdrawn_on, consent.withdrawn_how) == (today(), "电话中表示")
    zhang.refresh_from_db()
    assert not zhang.calls_refused


@pytest.mark.parametrize(
    ("field", "value"), [("proof", ""), ("given_on", "2999-01-01"), ("channel", "pigeon")]
)
def test_a_consent_without_proof_or_from_the_future_is_refused(
    zhang: Client, manager: Employee, browse: Browse, field: str, value: str
) -> None:
    given = {"purpose": "service", "channel": "phone", "given_on": today(), "proof": "录音"}
    url = f"{zhang.get_absolute_url()}consents/give/"
    answer = browse(manager).post(url, given | {field: value})
    assert answer.status_code == 422
    assert not Consent.objects.exists()


def test_withdrawing_calls_for_service_stops_dialling_and_planning_at_once(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    set_phones(client=zhang, numbers=["+8613812341234"])
    plan_callbacks(clients=[zhang.pk])
    planned = Callback.objects.filter(client=zhang, status="open")
    assert planned.exists()
    by_hand = CallbackFactory(client=zhang)
    browser, url = browse(manager), f"{zhang.get_absolute_url()}consents/"
    given = {"purpose": "service", "channel": "phone", "given_on": today(), "proof": "录音"}
    browser.post(f"{url}give/", given)
    consent = Consent.objects.get(client=zhang)
    browser.post(f"{url}{consent.pk}/withdraw/", {"how": "来电要求"})
    assert list(planned.values_list("pk", flat=True)) == [by_hand.pk]
    assert set(
        Callback.objects.filter(client=zhang, status="cancelled").values_list(
            "cancelled_because", flat=True
        )
    ) == {"refused"}
    answer = browser.post(f"{by_hand.get_absolute_url()}dial/")
    assert answer.status_code == 409
    assert "13812341234" not in answer.content.decode()
    assert not AccessLog.objects.filter(action="dial").exists()
    page = browser.get(by_hand.get_absolute_url()).content.decode()
    assert "/dial/" not in page
    # Consent given anew takes the calls up again; what was set by hand stands in for them.
    browser.post(f"{url}give/", given)
    assert Callback.objects.get(client=zhang, kind="cadence").merged_into == by_hand
    assert browser.post(f"{by_hand.get_absolute_url()}dial/").status_code == 200


def test_hours_stop_dialling_outside_them(zhang: Client, manager: Employee, browse: Browse) -> None:
    set_phones(client=zhang, numbers=["+8613812341234"])
    callback = CallbackFactory(client=zhang)
    url = f"{zhang.get_absolute_url()}wishes/"
    posted = wishes(zhang, call_from="15:30", call_until="17:00", contact_note="收盘后")
    assert browse(manager).post(url, posted).status_code == 302
    for hour, status in ((15, 409), (16, 200), (17, 409)):
        moment = datetime(2026, 6, 10, hour, 0, tzinfo=SHANGHAI)
        with time_machine.travel(moment, tick=False):
            answer = browse(manager).post(f"{callback.get_absolute_url()}dial/")
        assert answer.status_code == status, hour
    page = browse(manager).get(zhang.get_absolute_url()).content.decode()
    assert "15:30–17:00" in page
    assert "收盘后" in page


@pytest.mark.parametrize(("start", "end"), [("15:00", ""), ("15:00", "14:00"), ("late", "")])
def test_hours_that_make_no_span_are_refused(
    zhang: Client, manager: Employee, browse: Browse, start: str, end: str
) -> None:
    url = f"{zhang.get_absolute_url()}wishes/"
    answer = browse(manager).post(url, wishes(zhang, call_from=start, call_until=end))
    assert answer.status_code == 422
    zhang.refresh_from_db()
    assert zhang.call_from is None


def test_a_second_saver_is_told_and_nothing_is_overwritten(
    zhang: Client, manager: Employee, head: Employee, browse: Browse
) -> None:
    url = f"{zhang.get_absolute_url()}wishes/"
    posted = wishes(zhang, calls_refused="on")
    other = wishes(zhang, contact_note="只用微信")
    assert browse(head).post(url, posted).status_code == 302
    answer = browse(manager).post(url, other)
    assert answer.status_code == 409
    assert "只用微信" in answer.content.decode()
    zhang.refresh_from_db()
    assert (zhang.calls_refused, zhang.contact_note) == (True, "")


def test_a_plan_by_another_channel_goes_on(zhang: Client, manager: Employee) -> None:
    plan = zhang.segment.plans.get(valid_to=None)
    plan.channel = "wechat"
    plan.save()
    Client.objects.filter(pk=zhang.pk).update(calls_refused=True)
    plan_callbacks(clients=[zhang.pk])
    assert Callback.objects.filter(client=zhang, status="open", kind="cadence").exists()


def test_outsiders_and_readers(
    zhang: Client, colleague: Employee, compliance: Employee, browse: Browse
) -> None:
    url = f"{zhang.get_absolute_url()}consents/"
    assert browse(colleague).get(url).status_code == 404
    assert browse(colleague).post(f"{zhang.get_absolute_url()}wishes/").status_code == 404
    reader = browse(compliance)
    assert reader.get(url).status_code == 200
    assert reader.post(f"{zhang.get_absolute_url()}wishes/", wishes(zhang)).status_code == 403
    assert reader.post(f"{url}give/", {}).status_code == 403
    assert reader.get(f"{url}give/").status_code == 405


def test_today_marks_who_wants_no_calls(zhang: Client, manager: Employee, browse: Browse) -> None:
    CallbackFactory(client=zhang)
    Client.objects.filter(pk=zhang.pk).update(calls_refused=True)
    row = browse(manager).get("/today/").context["work"].groups[0].rows[0]
    assert [tone for tone, _text in row["marks"]] == ["late"]


def test_yesterday_is_a_day_of_the_past(zhang: Client, manager: Employee, browse: Browse) -> None:
    given = {"purpose": "service", "channel": "sms", "proof": "短信"}
    day = today() - timedelta(days=1)
    url = f"{zhang.get_absolute_url()}consents/give/"
    assert browse(manager).post(url, given | {"given_on": day}).status_code == 302
    assert Consent.objects.get().given_on == day


STILL_REFUSED = "该客户仍标为“谢绝来电”"
CALLS = {"purpose": "service", "channel": "phone", "proof": "录音"}


def test_an_old_consent_does_not_undo_a_later_withdrawal(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    browser, url = browse(manager), f"{zhang.get_absolute_url()}consents/"
    browser.post(f"{url}give/", CALLS | {"given_on": today()})
    consent = Consent.objects.get(client=zhang)
    browser.post(f"{url}{consent.pk}/withdraw/", {"how": "来电要求"})
    day = today() - timedelta(days=30)
    answer = browser.post(f"{url}give/", CALLS | {"given_on": day}, follow=True)
    assert STILL_REFUSED in answer.content.decode()
    zhang.refresh_from_db()
    assert zhang.calls_refused
    # One of today does.
    newer = Consent.objects.get(withdrawn_on=None)
    browser.post(f"{url}{newer.pk}/withdraw/", {"how": "记错日期"})
    answer = browser.post(f"{url}give/", CALLS | {"given_on": today()}, follow=True)
    assert STILL_REFUSED not in answer.content.decode()
    zhang.refresh_from_db()
    assert not zhang.calls_refused


def an_hour_passes(*rows: Any) -> None:
    """A test is one transaction, and so one moment: put what is in the history an hour back."""
    for row in rows:
        row.events.update(pgh_created_at=F("pgh_created_at") - timedelta(hours=1))


def test_a_wish_for_no_calls_stays_until_it_is_taken_back(
    zhang: Client, manager: Employee, browse: Browse
) -> None:
    """Also where a consent was withdrawn earlier, or later: the wish came first, or stands alone."""
    browser, url = browse(manager), f"{zhang.get_absolute_url()}consents/"
    given = CALLS | {"given_on": today()}
    browser.post(f"{url}give/", given)
    consent = Consent.objects.get(client=zhang)
    browser.post(f"{url}{consent.pk}/withdraw/", {"how": "来电要求"})
    browser.post(f"{url}give/", given)
    zhang.refresh_from_db()
    assert not zhang.calls_refused
    an_hour_passes(zhang, consent)
    refused = wishes(zhang, calls_refused="on")
    assert browser.post(f"{zhang.get_absolute_url()}wishes/", refused).status_code == 302
    an_hour_passes(zhang, consent)
    again = Consent.objects.get(client=zhang, withdrawn_on=None)
    browser.post(f"{url}{again.pk}/withdraw/", {"how": "来电要求"})
    answer = browser.post(f"{url}give/", given, follow=True)
    assert STILL_REFUSED in answer.content.decode()
    zhang.refresh_from_db()
    assert zhang.calls_refused
