"""The public form behind a QR code: what comes in, and that nothing comes out."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.file.services import set_phones
from clients.models import Client, Consent, Phone
from crm.trading_days import today
from pipeline.capture import public_services, qr_codes
from pipeline.models import CaptureEntry, CaptureLink, Lead, Opportunity, PrivacyNotice
from staff.models import Employee, Notification
from tests.cast import Browse
from visits.models import Callback

pytestmark = pytest.mark.django_db

TYPED, NUMBER = "138 1234 1234", "+8613812341234"


@pytest.fixture(autouse=True)
def no_limits_left(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(public_services, "ANSWER_AFTER", 0)


@pytest.fixture
def link(manager: Employee) -> CaptureLink:
    return qr_codes.make(employee=manager, valid_until=today() + timedelta(days=30))


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def bare(answer: Any) -> str:
    """The page without the tokens that differ each time."""
    return re.sub(r'value="[^"]*"|content="[^"]*"|/p/[^/"]+/', "", text_of(answer))


def opened(link: CaptureLink, browser: Browser | None = None) -> dict[str, Any]:
    """What the form carries when it was opened a while ago."""
    with time_machine.travel(timezone.now() - timedelta(minutes=1), tick=False):
        text = text_of((browser or Browser()).get(link.path))
    found = re.search(r'name="opened"\s+value="([^"]+)"', text)
    assert found, text
    return {"opened": found[1]}


def send(link: CaptureLink, browser: Browser | None = None, **typed: Any) -> Any:
    data = {"name": "曾丽", "phone": TYPED, "agree": "on", "wish": "", "website": ""}
    browser = browser or Browser()
    return browser.post(link.path, {**opened(link, browser), **data, **typed})


class TestWhatComesIn:
    def test_it_becomes_a_prospect_of_whoevers_code_it_is(
        self, link: CaptureLink, manager: Employee
    ) -> None:
        answer = send(link, wish="想了解开户")
        assert answer.status_code == 200
        client = Client.objects.get()
        assert (client.name, client.manager, client.lifecycle) == ("曾丽", manager, "prospect")
        assert Phone.objects.get().number == NUMBER
        lead = Lead.objects.get()
        assert (lead.client, lead.via, lead.employee) == (client, "public_form", manager)
        entry = CaptureEntry.objects.get()
        assert (entry.client, entry.known, entry.wish) == (client, False, "想了解开户")
        assert Opportunity.objects.get().client == client
        assert Callback.objects.filter(client=client, kind="manual").exists()
        line = Notification.objects.get()
        assert (line.employee, line.url) == (manager, client.get_absolute_url())
        assert client.name not in line.title

    def test_the_version_of_the_text_is_the_proof(self, link: CaptureLink) -> None:
        newest = PrivacyNotice.objects.create(version=2, text_zh="新文本", valid_from=today())
        send(link)
        assert CaptureEntry.objects.get().notice == newest
        consent = Consent.objects.get()
        assert consent.proof.endswith("text v2")
        assert (consent.purpose, consent.channel) == ("marketing", "phone")

    def test_a_text_that_changed_meanwhile_is_not_the_proof(self, link: CaptureLink) -> None:
        browser = Browser()
        before = opened(link, browser)
        PrivacyNotice.objects.create(version=2, text_zh="新文本", valid_from=today())
        browser.post(link.path, {**before, "name": "曾丽", "phone": TYPED, "agree": "on"})
        assert CaptureEntry.objects.get().notice.version == 1

    def test_the_unit_of_work_names_the_system(self, link: CaptureLink) -> None:
        with CaptureQueriesContext(connection) as asked:
            send(link)
        named = [q["sql"] for q in asked if "crm.employee_id" in q["sql"]]
        assert named
        assert all("'0'" in sql for sql in named)

    def test_the_same_form_twice_is_one_prospect(self, link: CaptureLink) -> None:
        browser, data = Browser(), {"name": "曾丽", "phone": TYPED, "agree": "on"}
        data |= opened(link, browser)
        for _ in range(2):
            assert browser.post(link.path, data).status_code == 200
        assert Client.objects.count() == CaptureEntry.objects.count() == 1
        assert Notification.objects.count() == 1

    def test_a_number_put_right_is_not_lost(self, link: CaptureLink) -> None:
        browser, data = Browser(), {"name": "曾丽", "phone": "13812341239", "agree": "on"}
        data |= opened(link, browser)
        browser.post(link.path, data)
        browser.post(link.path, {**data, "phone": TYPED})
        assert {phone.number for phone in Phone.objects.all()} == {"+8613812341239", NUMBER}

    def test_script_is_text(self, link: CaptureLink, browse: Browse, manager: Employee) -> None:
        script = "<script>alert(1)</script>"
        send(link, name=script, wish=script)
        client = Client.objects.get()
        assert client.name == script
        for page in (client.get_absolute_url(), "/clients/", "/pipeline/", "/today/"):
            text = text_of(browse(manager).get(page))
            assert script not in text
        assert "&lt;script&gt;alert(1)" in text_of(browse(manager).get(client.get_absolute_url()))


class TestNothingComesOut:
    def test_a_known_phone_gets_the_same_answer_and_no_second_record(
        self, link: CaptureLink, manager: Employee, colleague: Employee, zhang: Client
    ) -> None:
        fresh = bare(send(link, phone="13900000001"))
        set_phones(client=zhang, numbers=[NUMBER])
        before = Client.objects.count()
        assert bare(send(link)) == fresh
        assert Client.objects.count() == before
        entry = CaptureEntry.objects.get(client=zhang)
        assert entry.known
        assert not Consent.objects.filter(client=zhang).exists()

    def test_the_time_an_answer_takes_tells_nothing(
        self, link: CaptureLink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waited: list[float] = []
        monkeypatch.setattr(public_services, "ANSWER_AFTER", 1000)
        monkeypatch.setattr(
            "pipeline.capture.public_services.time.sleep",
            waited.append,
        )
        send(link)
        send(link)
        send(link, website="x")
        assert len(waited) == 3
        assert min(waited) > 900

    def test_work_that_takes_longer_is_answered_on_the_next_stroke(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(public_services, "ANSWER_AFTER", 1.0)
        waited: list[float] = []
        clock = iter([10.0, 10.3, 20.0, 21.2, 30.0, 31.9])
        monkeypatch.setattr(
            "pipeline.capture.public_services.time.monotonic",
            lambda: next(clock),
        )
        monkeypatch.setattr(
            "pipeline.capture.public_services.time.sleep",
            waited.append,
        )
        for _request in range(3):
            with public_services.in_even_time():
                pass
        assert waited == pytest.approx([0.7, 0.8, 0.1])

    def test_whoever_serves_the_known_one_is_told_and_nobody_else(
        self, stranger: Employee, manager: Employee, zhang: Client
    ) -> None:
        set_phones(client=zhang, numbers=[NUMBER])
        link = qr_codes.make(employee=stranger, valid_until=today())
        send(link)
        line = Notification.objects.get()
        assert (line.employee, line.url) == (manager, zhang.get_absolute_url())

    def test_the_head_is_told_of_a_known_one_whom_nobody_serves(
        self, link: CaptureLink, head: Employee, zhang: Client
    ) -> None:
        set_phones(client=zhang, numbers=[NUMBER])
        Client.objects.filter(pk=zhang.pk).update(manager=None)
        send(link)
        assert Notification.objects.get().employee == head

    def test_wrong_revoked_and_expired_codes_are_alike(
        self, link: CaptureLink, manager: Employee
    ) -> None:
        path = link.path
        wrong = Browser().get("/p/nothing/")
        assert wrong.status_code == 404
        qr_codes.revoke(link)
        revoked = Browser().get(path)
        expired = qr_codes.make(employee=manager, valid_until=today())
        CaptureLink.objects.filter(pk=expired.pk).update(valid_until=today() - timedelta(days=1))
        late = Browser().get(expired.path)
        assert [revoked.status_code, late.status_code] == [404, 404]
        assert bare(wrong) == bare(revoked) == bare(late)
        assert Browser().post(path, {"name": "x"}).status_code == 404

    def test_the_code_of_someone_who_left_is_dead(
        self, link: CaptureLink, manager: Employee
    ) -> None:
        Employee.objects.filter(pk=manager.pk).update(is_active=False)
        assert Browser().get(link.path).status_code == 404

    def test_staff_see_what_everybody_sees(
        self, link: CaptureLink, browse: Browse, manager: Employee
    ) -> None:
        text = text_of(browse(manager).get(link.path))
        assert manager.full_name not in text
        assert "crm-side" not in text

    def test_it_opens_no_session_and_keeps_the_policy_of_all_pages(self, link: CaptureLink) -> None:
        answer = Browser().get(link.path)
        assert "sessionid" not in answer.cookies
        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"]

    def test_the_secret_is_kept_encrypted(self, link: CaptureLink) -> None:
        token = link.path.split("/")[2]
        assert len(token) >= 43  # 256 bits
        with connection.cursor() as cursor:
            cursor.execute("SELECT row_to_json(l)::text FROM pipeline_capturelink l")
            assert token not in cursor.fetchone()[0]


class TestRobots:
    def test_a_filled_trap_is_thanked_and_dropped(self, link: CaptureLink) -> None:
        fresh = bare(send(link, phone="13900000001"))
        assert bare(send(link, website="http://x")) == fresh
        assert CaptureEntry.objects.count() == 1

    def test_what_is_faster_than_a_person_is_thanked_and_dropped(self, link: CaptureLink) -> None:
        browser = Browser()
        found = re.search(r'name="opened"\s+value="([^"]+)"', text_of(browser.get(link.path)))
        assert found
        data = {"opened": found[1], "name": "曾丽", "phone": TYPED, "agree": "on"}
        assert browser.post(link.path, data).status_code == 200
        assert not Client.objects.exists()

    @pytest.mark.parametrize("token", ["", "x", "a:b:c"])
    def test_a_form_that_was_not_opened_here_is_asked_for_again(
        self, token: str, link: CaptureLink
    ) -> None:
        answer = send(link, opened=token)
        assert answer.status_code == 422
        assert not Client.objects.exists()

    def test_the_form_of_another_code_does_not_fit(
        self, link: CaptureLink, stranger: Employee
    ) -> None:
        other = qr_codes.make(employee=stranger, valid_until=today())
        assert send(link, **opened(other)).status_code == 422

    def test_an_old_form_is_asked_for_again(self, link: CaptureLink) -> None:
        with time_machine.travel(timezone.now() - timedelta(days=1), tick=False):
            old = opened(link)
        assert send(link, **old).status_code == 422

    def test_a_mistake_put_right_at_once_counts(self, link: CaptureLink) -> None:
        browser = Browser()
        answer = send(link, browser, agree="")
        assert answer.status_code == 422
        found = re.search(r'name="opened"\s+value="([^"]+)"', text_of(answer))
        assert found
        data = {"opened": found[1], "name": "曾丽", "phone": TYPED, "agree": "on"}
        assert browser.post(link.path, data).status_code == 200
        assert Client.objects.count() == 1

    def test_too_many_from_one_address_wait(self, link: CaptureLink, settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = {"public_form": "2/10m/ip"}
        answers = [send(link, phone=f"1390000000{n}").status_code for n in range(3)]
        assert answers == [200, 200, 429]
        assert Client.objects.count() == 2

    def test_a_hall_of_guests_behind_one_address_gets_through(self) -> None:
        limits = settings.ACCOUNT_RATE_LIMITS["public_form"]
        rates = {(rate.per, rate.duration): rate.amount for rate in ratelimit.parse_rates(limits)}
        assert rates["ip", 600] >= 100
        assert rates["ip", 3600] < rates["key", 3600], "one address silences nobody's code"

    def test_looking_at_it_silences_nobody(self, link: CaptureLink, settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = {"public_form": "1/h/key"}
        for look in (Browser().head, Browser().get):
            assert [look(link.path).status_code for _twice in range(2)] == [200, 200]
        assert send(link).status_code == 200

    def test_too_many_for_one_code_wait(self, link: CaptureLink, settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = {"public_form": "1/h/key"}
        assert send(link).status_code == 200
        answer = send(link, Browser(REMOTE_ADDR="10.1.2.3"), phone="13900000002")
        assert answer.status_code == 429
        assert "<h1>" in text_of(answer)


@pytest.mark.parametrize(
    "typed",
    [
        {"name": ""},
        {"phone": ""},
        {"phone": "1"},
        {"phone": "<b>"},
        {"agree": ""},
        {"name": "\x00"},
        {"wish": "x" * 501},
        {"name": "x" * 61},
        {"phone": "\x00"},
    ],
)
def test_bad_input_gets_a_sentence_and_writes_nothing(
    typed: dict[str, Any], link: CaptureLink
) -> None:
    answer = send(link, **typed)
    assert answer.status_code == 422
    assert not Client.objects.exists()


def test_a_wrong_method_is_refused(link: CaptureLink) -> None:
    assert Browser().put(link.path).status_code == 405


class TestCodes:
    def test_one_is_made_shown_and_revoked(self, browse: Browse, manager: Employee) -> None:
        browser = browse(manager)
        until = today() + timedelta(days=10)
        answer = browser.post("/prospects/qr/", {"valid_until": until.isoformat()}, follow=True)
        made = CaptureLink.objects.get()
        assert (made.employee, made.valid_until) == (manager, until)
        text = text_of(answer)
        assert qr_codes.url_of(made) in text
        assert "<svg" in text
        assert "style=" not in text
        assert browser.post(f"/prospects/qr/{made.pk}/revoke/").status_code == 302
        assert Browser().get(made.path).status_code == 404
        assert qr_codes.url_of(made) not in text_of(browser.get("/prospects/qr/"))

    def test_nobody_elses_is_shown_or_revoked(
        self, link: CaptureLink, browse: Browse, head: Employee, colleague: Employee
    ) -> None:
        for person in (head, colleague):
            assert qr_codes.url_of(link) not in text_of(browse(person).get("/prospects/qr/"))
            assert browse(person).post(f"/prospects/qr/{link.pk}/revoke/").status_code == 404
        assert Browser().get(link.path).status_code == 200

    def test_methods_and_posts(
        self, link: CaptureLink, browse: Browse, manager: Employee, compliance: Employee
    ) -> None:
        assert browse(manager).get(f"/prospects/qr/{link.pk}/revoke/").status_code == 405
        assert browse(compliance).get("/prospects/qr/").status_code == 403

    @pytest.mark.parametrize("day", ["", "x", "2001-01-01", "2999-01-01"])
    def test_a_day_that_is_none_is_refused(
        self, day: str, browse: Browse, manager: Employee
    ) -> None:
        answer = browse(manager).post("/prospects/qr/", {"valid_until": day})
        assert answer.status_code == 422
        assert not CaptureLink.objects.exists()

    def test_there_is_an_end_to_open_codes(
        self, browse: Browse, manager: Employee, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(qr_codes, "MOST", 1)
        qr_codes.make(employee=manager, valid_until=today())
        answer = browse(manager).post("/prospects/qr/", {"valid_until": today().isoformat()})
        assert answer.status_code == 422
